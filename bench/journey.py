"""A whole print journey over TLS, as its users wait for it: beside a bare aiohttp server, or another checkout.

One journey signs in as a service and as a device, lists shares, creates a job, opens an upload session, uploads
100 KB and starts the job. Then the device prints it: Get-Jobs, Fetch-Job, Fetch-Document, Acknowledge-Job and two
Update-Job-Status. At the end the service reads the job. Eight lanes run at once, each with its own user, printer
and connection: journal and limits are on, and the published limits hold for each user and each printer.

The bare server answers the same requests with the octets, headers included, that upsim answered with, and does
nothing else. The servers are measured in turn in short rounds, by the processor time of the server's process: wall
time depends on what else the machine does.
"""

import asyncio
import base64
import shlex
import ssl
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import orjson

from bench import processes
from bench.figures import Figure
from bench.load import http
from bench.printing import Peer, ask, cups_queue, describe_office_printer, job_id_of, ours_as_peer
from bench.rig import rig
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Wire, trusting
from upsim.wire.ipp import build
from upsim.wire.ipp.encode import encode
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.operations import Operation
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import Attribute, AttributeGroup

LANES = 8
JOURNEYS = 6
"""Of each lane in a round."""
ROUNDS = 15
"""With the warming (and its teaching journey) less than the 100 jobs that a printer takes within ten minutes."""
WARMING = 2
DOCUMENT = b"%PDF-1.7\n" + bytes(range(256)) * 400
PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
SERVICE = {
    "client_id": "0c0a7050-0000-4000-8000-00000000d002",
    "client_secret": "Contoso-secret-1",
    "scope": "https://graph.microsoft.com/.default",
    "grant_type": "client_credentials",
}
GOAL = 0.45
GOAL_AGAINST = 0.95
"""A redesign may cost a twentieth."""
_PROCESSING, _COMPLETED = 5, 9


class Connection:
    """One kept TLS connection that sends prepared requests and reads whole answers."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self.exchanges: list[tuple[bytes, bytes, bytes]] = []
        """Each request with the head and the body of its answer."""

    @classmethod
    async def open(cls, port: int, context: ssl.SSLContext) -> Self:
        opened = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname="localhost", limit=1 << 20
        )
        return cls(*opened)

    async def ask(self, request: bytes) -> bytes:
        """Return the body of the answer; an answer that is no 2xx ends the bench."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        lower = head.lower()
        if b"transfer-encoding: chunked" in lower:
            body = b""
            while size := int(await self._reader.readuntil(b"\r\n"), 16):
                body += (await self._reader.readexactly(size + 2))[:-2]
            await self._reader.readexactly(2)
        else:
            at = lower.find(b"content-length:")
            length = int(lower[at + 15 : lower.index(b"\r", at)]) if at >= 0 else 0
            body = await self._reader.readexactly(length)
        if head[9:10] != b"2":
            raise SystemExit(f"{request[:100]!r} was answered {head[:300]!r} {body[:300]!r}")
        self.exchanges.append((request, head, body))
        return body

    def close(self) -> None:
        self._writer.close()


@dataclass
class Lane:
    """A user, a service and a device who print on a share of their own."""

    tenant: str
    user: dict[str, str]
    device: PrinterDevice
    share_id: str

    async def travel(self, connection: Connection) -> None:
        """Make one journey."""
        service = _bearer(await self._token(connection))
        as_device = _bearer(await self._device_token(connection))
        await connection.ask(http("GET", "/v1.0/print/shares", self.user))
        jobs = f"/v1.0/print/shares/{self.share_id}/jobs"
        job = await _json(connection, "POST", jobs, self.user, {"configuration": {}})
        job_path = f"{jobs}/{job['id']}"
        properties = {"documentName": "a.pdf", "contentType": "application/pdf", "size": len(DOCUMENT)}
        session = await _json(
            connection,
            "POST",
            f"{job_path}/documents/{job['documents'][0]['id']}/createUploadSession",
            self.user,
            {"properties": properties},
        )
        url = urlsplit(session["uploadUrl"])
        span = {"Content-Range": f"bytes 0-{len(DOCUMENT) - 1}/{len(DOCUMENT)}"}
        await connection.ask(http("PUT", f"{url.path}?{url.query}", span, DOCUMENT))
        await connection.ask(http("POST", f"{job_path}/start", self.user))
        await self._print(connection, as_device, int(job["id"]))
        read = orjson.loads(await connection.ask(http("GET", job_path, service)))
        if read["status"]["state"] != "completed":
            raise SystemExit(f"job {job['id']} ended as {read['status']}")

    async def _token(self, connection: Connection) -> str:
        return str(await self._redeem(connection, f"/{self.tenant}/oauth2/v2.0/token", SERVICE))

    async def _device_token(self, connection: Connection) -> str:
        path = urlsplit(self.device.identity.device_token_url).path
        form = {"grant_type": "srv_challenge", "windows_api_version": "2.0"}
        nonce = orjson.loads(await connection.ask(_form(path, form)))["Nonce"]
        signed = self.device._assertion(nonce)
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "request": signed}
        return await self._redeem(connection, path, form)

    async def _redeem(self, connection: Connection, path: str, form: dict[str, str]) -> str:
        return str(orjson.loads(await connection.ask(_form(path, form)))["access_token"])

    async def _print(self, connection: Connection, headers: dict[str, str], job: int) -> None:
        """Print as a device, from the list of jobs to the last report."""

        async def ipp(
            operation: Operation, *attributes: Attribute, groups: tuple[AttributeGroup, ...] = ()
        ) -> bytes:
            return await self._ipp(connection, headers, operation, attributes, groups)

        number = build.integer("job-id", job)
        await ipp(
            Operation.GET_JOBS,
            build.keyword("which-jobs", "fetchable"),
            build.keyword("requested-attributes", "all"),
        )
        await ipp(Operation.FETCH_JOB, number)
        fetched = await ipp(Operation.FETCH_DOCUMENT, number, build.integer("document-number", 1))
        if not fetched.endswith(DOCUMENT):
            raise SystemExit(f"the document of job {job} is another")
        await ipp(Operation.ACKNOWLEDGE_JOB, number)
        for state, reason in ((_PROCESSING, "job-printing"), (_COMPLETED, "job-completed-successfully")):
            report = build.group(
                GroupTag.JOB,
                build.enum("output-device-job-state", state),
                build.keyword("output-device-job-state-reasons", reason),
            )
            await ipp(Operation.UPDATE_JOB_STATUS, number, groups=(report,))

    async def _ipp(
        self,
        connection: Connection,
        headers: dict[str, str],
        operation: Operation,
        attributes: tuple[Attribute, ...],
        groups: tuple[AttributeGroup, ...],
    ) -> bytes:
        printer = self.device.printer_id
        head = build.group(
            GroupTag.OPERATION,
            build.charset("attributes-charset", "utf-8"),
            build.natural_language("attributes-natural-language", "en-us"),
            build.uri("printer-uri", f"ipps://print.print.microsoft.com/printers/{printer}"),
            build.uri("output-device-uuid", f"urn:uuid:{printer}"),
            *attributes,
        )
        body = encode(Message((2, 0), operation, 1, (head, *groups)))
        answer = await connection.ask(
            http("POST", "/printers", {**headers, "Content-Type": "application/ipp"}, body)
        )
        if answer[2:4] != b"\0\0":
            raise SystemExit(f"{operation.name} was answered {answer[:200]!r}")
        return answer


@dataclass
class Traveller:
    """A server under measurement: how one lane makes a journey on it, and what the rounds found."""

    name: str
    port: int
    pid: int
    context: ssl.SSLContext
    pem: Path
    """Key and certificates with which it listens."""
    lanes: list[Any]
    cpu_ms: list[float] = field(default_factory=list)
    """Processor time a journey, of each round."""
    per_second: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    """The time of a journey, in seconds."""

    async def round(self, journeys: int = JOURNEYS, *, counts: bool = True) -> None:
        """Make some journeys on every lane at once."""
        connections = [await Connection.open(self.port, self.context) for _ in self.lanes]
        before, began = processes.cpu_seconds(self.pid), time.perf_counter()
        waits = await asyncio.gather(*map(self._lane, self.lanes, connections, [journeys] * len(self.lanes)))
        seconds, worked = time.perf_counter() - began, processes.cpu_seconds(self.pid) - before
        for connection in connections:
            connection.close()
        if counts:
            made = journeys * len(self.lanes)
            self.cpu_ms.append(worked / made * 1000)
            self.per_second.append(made / seconds)
            self.waits += [wait for each in waits for wait in each]

    async def _lane(self, lane: Any, connection: Connection, journeys: int) -> list[float]:
        waits = []
        for _ in range(journeys):
            began = time.perf_counter()
            await lane.travel(connection)
            waits.append(time.perf_counter() - began)
        return waits

    def summary(self) -> str:
        waits = sorted(self.waits)
        p50, p99 = (waits[int(len(waits) * share)] * 1000 for share in (0.5, 0.99))
        return (
            f"{statistics.median(self.cpu_ms):.2f} ms CPU, {statistics.median(self.per_second):.0f} journeys/s, "
            f"p50 {p50:.0f} ms, p99 {p99:.0f} ms"
        )


class BareLane:
    """The same requests to the bare server; each is answered with what upsim answered."""

    def __init__(self, requests: list[bytes]) -> None:
        self._requests = requests

    async def travel(self, connection: Connection) -> None:
        for request in self._requests:
            await connection.ask(request)


async def journey(against: str | None = None, options: str = "", against_options: str = "") -> list[Figure]:
    """Return the journey on this checkout, on another one if asked for, and on the bare server."""
    async with AsyncExitStack() as stack:
        here = Path(__file__).resolve().parent.parent
        ours = await stack.enter_async_context(_upsim("upsim", here, options))
        others = []
        if against or against_options:
            there = Path(against).resolve() if against else here
            others.append(await stack.enter_async_context(_upsim("the other", there, against_options)))
        bare = await stack.enter_async_context(_bare(ours))
        every = [ours, *others, bare]
        for each in every:
            await each.round(WARMING, counts=False)
        for number in range(ROUNDS):
            for each in every if number % 2 else every[::-1]:  # nobody always has the better place
                await each.round()
    for each in every:
        print(f"  {each.name:12} {each.summary()}")
    return [
        _ratio("journey/bare aiohttp, same octets, CPU", ours, bare, GOAL),
        *(_ratio("the other journey/bare aiohttp, CPU", other, bare, 0) for other in others),
        *(_ratio("journey/the other journey, CPU", ours, other, GOAL_AGAINST) for other in others),
    ]


async def part_beside_cups() -> list[Figure]:
    """The part of a journey that CUPS can do: Create-Job, Send-Document, Get-Job-Attributes, over plain HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        async with rig("--data", folder) as ours:
            await describe_office_printer(ours)
            upsim = await ours_as_peer(ours)
            async with cups_queue(ours, "DirtyCleanInterval 0") as cups:
                costs = [[await _part_cpu_ms(peer) for peer in (upsim, cups)] for _ in range(ROUNDS + 1)][1:]
    mine, theirs = (statistics.median(side) for side in zip(*costs, strict=True))
    ratio = statistics.median(cups_ms / upsim_ms for upsim_ms, cups_ms in costs)
    detail = f"{mine:.2f} ms against {theirs:.2f} ms CPU a job"
    return [Figure("journey's part/cupsd that writes at once", ratio, 3.0, "≥", detail)]


async def _part_cpu_ms(peer: Peer) -> float:
    before = processes.cpu_seconds(peer.pid)
    await asyncio.gather(*(_part(peer) for _ in range(LANES)))
    return (processes.cpu_seconds(peer.pid) - before) / (LANES * JOURNEYS) * 1000


async def _part(peer: Peer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", peer.port)
    for _ in range(JOURNEYS):
        number = job_id_of(await ask(reader, writer, peer.create_job()))
        await ask(reader, writer, peer.send_document(number, DOCUMENT))
        await ask(reader, writer, peer.get_job_attributes(number))
    writer.close()


def _ratio(name: str, mine: Traveller, theirs: Traveller, goal: float) -> Figure:
    ratio = statistics.median(b / a for a, b in zip(mine.cpu_ms, theirs.cpu_ms, strict=True))
    costs = [statistics.median(each.cpu_ms) for each in (mine, theirs)]
    return Figure(name, ratio, goal, "≥", f"{costs[0]:.2f} ms against {costs[1]:.2f} ms CPU a journey")


@asynccontextmanager
async def _upsim(name: str, checkout: Path, options: str) -> AsyncIterator[Traveller]:
    """A server of a checkout, on a file, with a lane for each user."""
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder) / "seed.toml"
        seed.write_text(_seed(checkout), encoding="utf-8")
        arguments = ("--seed", str(seed), "--data", str(Path(folder) / "data"), *shlex.split(options))
        with processes.upsim(*arguments, checkout=checkout) as (ready, process):
            ca = Path(ready["ca"])
            async with Wire("bench", ready["https"], ca.read_text()) as wire:
                tenant = ready["tenant"]["id"]
                admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
                await admin.sign_in_with_browser()
                lanes = await asyncio.gather(*(_lane(wire, tenant, admin, number) for number in range(LANES)))
            port = int(ready["https"].rpartition(":")[2])
            yield Traveller(
                name, port, process.pid, trusting(ca.read_text()), ca.parent / "server.pem", list(lanes)
            )


def _seed(checkout: Path) -> str:
    """Return the checkout's own sample tenant, with a user for each lane."""
    users = "".join(
        f'[[tenants.users]]\nuser_principal_name = "user{number}@contoso.example"\npassword = "Contoso-1"\n\n'
        for number in range(LANES)
    )
    sample = (checkout / "fixtures" / "contoso.toml").read_text(encoding="utf-8")
    return sample.replace("[[tenants.users]]", f"{users}[[tenants.users]]", 1)


async def _lane(wire: Wire, tenant: str, admin: Person, number: int) -> Lane:
    user = Person(wire, tenant, PUBLIC_CLIENT, f"user{number}@contoso.example")
    await user.sign_in_with_browser()
    device = await PrinterDevice.register(wire, admin, f"Printer {number}")
    await device.prove_itself()
    await device.describe_itself()
    share_id = await admin.share(device.printer_id, f"Share {number}")
    return Lane(tenant, _bearer(await user.token()), device, share_id)


@asynccontextmanager
async def _bare(ours: Traveller) -> AsyncIterator[Traveller]:
    """The bare server, taught what upsim answers in one journey."""
    connection = await Connection.open(ours.port, ours.context)
    await ours.lanes[0].travel(connection)
    connection.close()
    with processes.watched_baseline("--tls", str(ours.pem)) as (port, process):
        teaching = await Connection.open(port, ours.context)
        requests = []
        for number, (request, head, body) in enumerate(connection.exchanges):
            taught = orjson.dumps({"head": head.decode("latin-1"), "body": base64.b64encode(body).decode()})
            await teaching.ask(http("PUT", f"/taught/{number}", body=taught))
            requests.append(_readdressed(request, number))
        teaching.close()
        yield Traveller("bare aiohttp", port, process.pid, ours.context, ours.pem, [BareLane(requests)] * LANES)


def _readdressed(request: bytes, number: int) -> bytes:
    """Return the same octets to another path of the same length, where that is long enough."""
    method, path, rest = request.split(b" ", 2)
    return b" ".join((method, (b"/taught/%d?" % number).ljust(len(path), b"x"), rest))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _form(path: str, form: dict[str, str]) -> bytes:
    return http("POST", path, {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(form).encode())


async def _json(
    connection: Connection, method: str, path: str, headers: dict[str, str], body: dict[str, Any]
) -> dict[str, Any]:
    request = http(method, path, {**headers, "Content-Type": "application/json"}, orjson.dumps(body))
    answered: dict[str, Any] = orjson.loads(await connection.ask(request))
    return answered
