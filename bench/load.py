"""A small HTTP/1.1 load generator: keep-alive connections that send prepared requests and count whole answers."""

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass

import psutil

WARM_SECONDS = 0.3


@dataclass(frozen=True)
class Rate:
    """Requests that were answered a second, and the answers that were no 2xx."""

    per_second: float
    failed: int
    answered: int = 0
    """All requests that were answered, those of the warming included."""


Request = bytes | Callable[[], bytes]
"""The requests: always the same, or a new one each time."""


async def hammer(
    port: int, request: Request, connections: int, seconds: float, context: ssl.SSLContext | None = None
) -> Rate:
    """Send `request` over and over on each connection for a while."""
    counts = [0, 0]
    deadline = time.perf_counter() + WARM_SECONDS
    warming = [0, 0]
    await asyncio.gather(*(_one(port, request, deadline, warming, context) for _ in range(connections)))
    began = time.perf_counter()
    await asyncio.gather(*(_one(port, request, began + seconds, counts, context) for _ in range(connections)))
    return Rate(counts[0] / (time.perf_counter() - began), counts[1], counts[0] + warming[0])


async def per_cpu_second(
    process: psutil.Process, port: int, request: Request, connections: int, seconds: float
) -> float:
    """Requests that a server answers for each second of its processor's time, whatever else the machine does."""
    before = process.cpu_times()
    rate = await hammer(port, request, connections, seconds)
    after = process.cpu_times()
    if rate.failed:
        raise SystemExit(f"{rate.failed} requests were not answered 2xx: {str(request)[:80]}")
    return rate.answered / (after.user + after.system - before.user - before.system)


async def _one(
    port: int, request: Request, deadline: float, counts: list[int], context: ssl.SSLContext | None
) -> None:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost" if context else None
    )
    while time.perf_counter() < deadline:
        writer.write(request if isinstance(request, bytes) else request())
        head = await reader.readuntil(b"\r\n\r\n")
        await _skip_body(reader, head)
        counts[0] += 1
        counts[1] += head[9:10] != b"2"
    writer.close()


async def _skip_body(reader: asyncio.StreamReader, head: bytes) -> None:
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        while int(await reader.readuntil(b"\r\n"), 16):
            await reader.readuntil(b"\r\n")
        await reader.readexactly(2)
        return
    at = lower.find(b"content-length:")
    length = int(lower[at + 15 : lower.index(b"\r", at)]) if at >= 0 else 0
    if length:
        await reader.readexactly(length)


def http(method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """Return a request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
