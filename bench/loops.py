"""uvloop beside asyncio's own loop: what Fetch-Document costs where the loop has no sendfile.

The journey on both loops: `python -m bench journey --options "--loop uvloop" --against-options "--loop asyncio"`.
"""

import ssl
import statistics
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import processes
from bench.figures import Figure
from bench.load import http
from bench.rig import rig
from bench.transfer import drain, fetch_document, print_document
from upsim.actors.wire import trusting

SIZE = 10 << 20
ROUNDS = 60


@dataclass
class Listener:
    """A port of a server with a job to fetch, and the processor milliseconds of each fetch."""

    port: int
    pid: int
    request: bytes
    context: ssl.SSLContext | None
    cpu_ms: list[float]

    async def fetch(self) -> None:
        before = processes.cpu_seconds(self.pid)
        got = await drain(self.port, self.request, self.context)
        self.cpu_ms.append((processes.cpu_seconds(self.pid) - before) * 1000)
        if got < SIZE:
            raise SystemExit(f"Fetch-Document gave {got} bytes of {SIZE}")


async def loops() -> list[Figure]:
    """Fetch-Document of 10 MB on uvloop, against asyncio with sendfile."""
    figures = []
    async with AsyncExitStack() as stack:
        servers = [await _listeners(stack, loop) for loop in ("uvloop", "asyncio")]
        for number in range(ROUNDS):
            for server in servers if number % 2 else servers[::-1]:
                for listener in server:
                    await listener.fetch()
        for name, uv, own in zip(("plain HTTP", "TLS"), *servers, strict=True):
            ratio = statistics.median(a / b for a, b in zip(uv.cpu_ms, own.cpu_ms, strict=True))
            costs = [statistics.median(each.cpu_ms) for each in (uv, own)]
            detail = f"{costs[0]:.2f} ms against {costs[1]:.2f} ms CPU"
            figures.append(Figure(f"uvloop/asyncio, Fetch-Document 10 MB, {name}", ratio, 0, "≥", detail))
    return figures


async def _listeners(stack: AsyncExitStack, loop: str) -> list[Listener]:
    """Return the plain and the TLS port of a server on this loop."""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    ours = await stack.enter_async_context(rig("--data", folder, "--loop", loop))
    job_id = await print_document(ours, SIZE)
    headers = {**ours.as_device, "Content-Type": "application/ipp"}
    request = http("POST", "/printers", headers, fetch_document(ours.printer_id, job_id))
    context = trusting(Path(ours.ca).read_text())
    return [
        Listener(port, ours.process.pid, request, tls, [])
        for port, tls in ((ours.port, None), (ours.https_port, context))
    ]
