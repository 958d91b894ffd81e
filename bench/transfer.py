"""Moving large documents, by a client of raw sockets that costs little itself."""

import asyncio
import ssl
import time
from pathlib import Path
from urllib.parse import urlsplit

from bench.load import http
from bench.rig import Rig
from upsim.wire.ipp import build
from upsim.wire.ipp.encode import encode
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.operations import Operation
from upsim.wire.ipp.tags import GroupTag

RANGE_BYTES = 9 << 20
"""The size of a range that Microsoft's own sample sends."""
_BLOCK = bytes(256 << 10)


async def upload_seconds(ours: Rig, baseline_port: int, size: int, folder: Path) -> tuple[float, float]:
    """Seconds for a document in ranges to upsim, and for the same bytes in the same pieces to the baseline."""
    url = await _open_session(ours, size)
    began = time.perf_counter()
    await _put_ranges(ours.port, [(url, start, end, size) for start, end in _ranges(size)])
    middle = time.perf_counter()
    pieces = [(f"/file?to={folder}/piece", start, end, size) for start, end in _ranges(size)]
    await _put_ranges(baseline_port, pieces)
    return middle - began, time.perf_counter() - middle


async def upload(ours: Rig, size: int) -> None:
    """Upload a document in ranges."""
    url = await _open_session(ours, size)
    await _put_ranges(ours.port, [(url, start, end, size) for start, end in _ranges(size)])


async def download_seconds(ours: Rig, baseline_port: int, size: int, folder: Path) -> tuple[float, float]:
    """Seconds for Fetch-Document from upsim, and for a file of the same size from the baseline."""
    job_id = await print_document(ours, size)
    file = folder / "whole"
    with file.open("wb") as whole:
        whole.truncate(size)
        for _ in range(size // len(_BLOCK)):
            whole.write(_BLOCK)
    request = http(
        "POST",
        "/printers",
        {**ours.as_device, "Content-Type": "application/ipp"},
        fetch_document(ours.printer_id, job_id),
    )
    began = time.perf_counter()
    got = await drain(ours.port, request)
    middle = time.perf_counter()
    await drain(baseline_port, http("GET", f"/file?from={file}"))
    if got < size:
        raise SystemExit(f"Fetch-Document gave {got} bytes of {size}")
    return middle - began, time.perf_counter() - middle


async def print_document(ours: Rig, size: int) -> int:
    """Create a job, upload a document of this size in ranges and start the job; its number."""
    url = await _open_session(ours, size)
    job_id = ours_last_job[0]
    await _put_ranges(ours.port, [(url, start, end, size) for start, end in _ranges(size)])
    path = f"/print/shares/{ours.share_id}/jobs/{job_id}/start"
    await ours.user.graph("POST", path, expect=(200,), note="")
    return int(job_id)


ours_last_job = [""]


async def _open_session(ours: Rig, size: int) -> str:
    jobs = f"/print/shares/{ours.share_id}/jobs"
    job = await ours.user.graph("POST", jobs, json={"configuration": {}}, expect=(201,), note="")
    ours_last_job[0] = job["id"]
    document = job["documents"][0]["id"]
    properties = {"documentName": "a.pdf", "contentType": "application/pdf", "size": size}
    session = await ours.user.graph(
        "POST",
        f"{jobs}/{job['id']}/documents/{document}/createUploadSession",
        json={"properties": properties},
        expect=(200,),
        note="",
    )
    parts = urlsplit(session["uploadUrl"])
    return f"{parts.path}?{parts.query}"


def _ranges(size: int) -> list[tuple[int, int]]:
    return [(start, min(start + RANGE_BYTES, size)) for start in range(0, size, RANGE_BYTES)]


async def _put_ranges(port: int, ranges: list[tuple[str, int, int, int]]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for path, start, end, size in ranges:
        head = http("PUT", path, {"Content-Range": f"bytes {start}-{end - 1}/{size}"})
        writer.write(head.replace(b"Content-Length: 0", b"Content-Length: %d" % (end - start)))
        left = end - start
        while left > 0:
            writer.write(_BLOCK[:left] if left < len(_BLOCK) else _BLOCK)
            left -= len(_BLOCK)
            await writer.drain()
        answer = await reader.readuntil(b"\r\n\r\n")
        if answer[9:10] != b"2":
            raise SystemExit(f"PUT {path} was answered {answer[:200]!r}")
        lower = answer.lower()
        at = lower.find(b"content-length:")
        if at >= 0:
            await reader.readexactly(int(lower[at + 15 : lower.index(b"\r", at)]))
    writer.close()


async def drain(port: int, request: bytes, context: ssl.SSLContext | None = None) -> int:
    """Send a request and read the answer's body; how many bytes it had."""
    name = "localhost" if context else None
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, limit=1 << 20, ssl=context, server_hostname=name
    )
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    at = head.find(b"content-length:")
    length = int(head[at + 15 : head.index(b"\r", at)])
    left = length
    while left:
        chunk = await reader.read(1 << 20)
        if not chunk:
            break
        left -= len(chunk)
    writer.close()
    return length - left


def fetch_document(printer: str, job_id: int) -> bytes:
    group = build.group(
        GroupTag.OPERATION,
        build.charset("attributes-charset", "utf-8"),
        build.natural_language("attributes-natural-language", "en-us"),
        build.uri("printer-uri", f"ipps://print.print.microsoft.com/printers/{printer}"),
        build.uri("output-device-uuid", f"urn:uuid:{printer}"),
        build.integer("job-id", job_id),
        build.integer("document-number", 1),
    )
    return encode(Message((2, 0), Operation.FETCH_DOCUMENT, 1, (group,)))
