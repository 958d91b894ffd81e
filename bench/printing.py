"""IPP printing beside a CUPS scheduler: Get-Printer-Attributes, and Create-Job with Send-Document."""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bench.load import http
from bench.rig import Rig
from tests.support.ipp import office_printer
from tests.support.ipp.private_cups import private_cups
from upsim.domain.application import UNIVERSAL_PRINT_RESOURCE
from upsim.server.ipp_attributes import represent_attributes
from upsim.wire.ipp import build
from upsim.wire.ipp.encode import encode
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.operations import Operation
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import Attribute

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
_JOB_ID = b"\x21\x00\x06job-id\x00\x04"


@dataclass(frozen=True)
class Peer:
    """An IPP server that is measured: where its printer is, and what each request carries."""

    port: int
    path: str
    uri: str
    pid: int
    headers: dict[str, str] = field(default_factory=dict)

    def request(self, operation: Operation, *attributes: Attribute, data: bytes = b"") -> bytes:
        """Return an HTTP request with this IPP operation."""
        group = build.group(
            GroupTag.OPERATION,
            build.charset("attributes-charset", "utf-8"),
            build.natural_language("attributes-natural-language", "en-us"),
            build.uri("printer-uri", self.uri),
            *attributes,
        )
        body = encode(Message((2, 0), operation, 1, (group,))) + data
        return http("POST", self.path, {**self.headers, "Content-Type": "application/ipp"}, body)

    @property
    def get_printer_attributes(self) -> bytes:
        """All attributes."""
        return self.request(Operation.GET_PRINTER_ATTRIBUTES, build.keyword("requested-attributes", "all"))

    def create_job(self) -> bytes:
        """Return a job to which a document is sent next."""
        user = build.name_("requesting-user-name", "alex")
        return self.request(Operation.CREATE_JOB, user, build.name_("job-name", "Bench"))

    def send_document(self, job_id: int, document: bytes = PDF) -> bytes:
        """Return the job's only document."""
        return self.request(
            Operation.SEND_DOCUMENT,
            build.integer("job-id", job_id),
            build.name_("requesting-user-name", "alex"),
            build.mime("document-format", "application/pdf"),
            build.boolean("last-document", True),
            data=document,
        )

    def get_job_attributes(self, job_id: int) -> bytes:
        """All attributes of a job."""
        user = build.name_("requesting-user-name", "alex")
        return self.request(Operation.GET_JOB_ATTRIBUTES, build.integer("job-id", job_id), user)


async def ours_as_peer(ours: Rig) -> Peer:
    """upsim as a user prints to it, through a share."""
    token = await ours.user.token(f"{UNIVERSAL_PRINT_RESOURCE}/.default")
    path = f"/printers/{ours.share_id}"
    return Peer(ours.port, path, f"ipp://localhost{path}", ours.process.pid, {"Authorization": f"Bearer {token}"})


def device_as_peer(ours: Rig) -> Peer:
    """upsim as the printer's device sees it."""
    return Peer(
        ours.port, "/printers", f"ipp://localhost/printers/{ours.printer_id}", ours.process.pid, ours.as_device
    )


@asynccontextmanager
async def cups_queue(ours: Rig, *lines: str) -> AsyncIterator[Peer]:
    """A scheduler with a queue on upsim's printer that takes any number of jobs and prints none."""
    port = free_port()
    settings = (f"Listen 127.0.0.1:{port}", "MaxJobs 0", "MaxClients 200", *lines)
    async with private_cups(*settings, level="error") as cups:
        await cups.run("lpadmin", "-p", "bench", "-E", "-v", ours.open_uri, "-m", "everywhere")
        await cups.until_file("root/ppd/bench.ppd")
        await cups.run("cupsdisable", "bench")
        yield Peer(port, "/printers/bench", f"ipp://localhost:{port}/printers/bench", cups.pid)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def jobs_per_second(peer: Peer, connections: int, seconds: float) -> float:
    """Whole jobs, created and given their document, a second."""
    began = time.perf_counter()
    counts = await asyncio.gather(*(_print(peer, began + seconds) for _ in range(connections)))
    return sum(counts) / (time.perf_counter() - began)


async def _print(peer: Peer, deadline: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", peer.port)
    count = 0
    while time.perf_counter() < deadline:
        created = await ask(reader, writer, peer.create_job())
        await ask(reader, writer, peer.send_document(job_id_of(created)))
        count += 1
    writer.close()
    return count


def job_id_of(created: bytes) -> int:
    """Return the number of the job that an answer names."""
    (number,) = struct.unpack_from(">i", created, created.index(_JOB_ID) + len(_JOB_ID))
    return int(number)


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> bytes:
    """Return the IPP response; whatever is no success ends the bench."""
    writer.write(request)
    body = await _body(reader, await reader.readuntil(b"\r\n\r\n"))
    if body[2:4] != b"\0\0":
        raise SystemExit(f"IPP answered {body[:200]!r}")
    return body


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    lower = head.lower()
    if lower.startswith(b"http/1.1 100"):
        return await _body(reader, await reader.readuntil(b"\r\n\r\n"))
    if b"transfer-encoding: chunked" in lower:
        body = b""
        while size := int(await reader.readuntil(b"\r\n"), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readexactly(2)
        return body
    at = lower.index(b"content-length:")
    return await reader.readexactly(int(lower[at + 15 : lower.index(b"\r", at)]))


async def describe_office_printer(ours: Rig) -> None:
    """Let the rig's device report what a common office printer has, which is more than CUPS needs."""
    identity = build.uri("output-device-uuid", f"urn:uuid:{ours.printer_id}")
    uri = f"ipp://localhost/printers/{ours.printer_id}"
    operation = build.group(
        GroupTag.OPERATION,
        build.charset("attributes-charset", "utf-8"),
        build.natural_language("attributes-natural-language", "en-us"),
        build.uri("printer-uri", uri),
        identity,
    )
    told = build.group(GroupTag.PRINTER, *represent_attributes(office_printer.ATTRIBUTES))
    body = encode(Message((2, 0), Operation.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, 1, (operation, told)))
    headers = {**ours.as_device, "Content-Type": "application/ipp"}
    reader, writer = await asyncio.open_connection("127.0.0.1", ours.port)
    await ask(reader, writer, http("POST", "/printers", headers, body))
    writer.close()
