"""Other emulators at comparable work: reading one small thing by its key, over HTTP."""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

from bench.azurite import azurite
from bench.engines import ROUNDS, SECONDS, Row, kept_alive, requests_of
from bench.load import http
from bench.rig import rig

SMALL = b'{"displayName": "Lab", "model": "Laser 1000"}' * 20
"""About as much as a printer is in Graph."""
_MOTO = """
import logging, sys
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
logging.getLogger("werkzeug").disabled = True
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
sys.stdout.write(f"{server.port}\\n")
sys.stdout.flush()
server.serve_forever()
"""


@contextmanager
def moto() -> Iterator[int]:
    """moto as an S3 server with one object; its port."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", _MOTO], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    try:
        port = int(process.stdout.readline())
        for path, body in (("/bench", b""), ("/bench/printer", SMALL)):
            headers = {"x-amz-acl": "public-read", "Content-Type": "text/plain"}
            url = f"http://127.0.0.1:{port}{path}"
            urlopen(Request(url, data=body, headers=headers, method="PUT"), timeout=30).close()
        yield port
    finally:
        process.kill()
        process.wait(timeout=10)


async def peers() -> list[Row]:
    """GET printer with a token, permissions and limits, against a peer's read of a small thing without any."""
    rows = []
    async with rig() as ours:
        request = requests_of(ours)["GET printer"]
        with moto() as port:
            get = http("GET", "/bench/printer")
            rows.append(await _beside("GET printer/moto GetObject", ours.port, request, port, get, 5.0))
        with azurite(SMALL) as there:
            if isinstance(there, str):
                print(f"({there}: no row for Azurite)")
            else:
                port, path = there
                ratio, detail = await kept_alive(ours.port, request, port, http("GET", path), 8)
                rows.append(("GET printer/Azurite Get Blob, 8 conn.", ratio, 5.0, detail))
    return rows


async def _beside(name: str, port: int, request: bytes, other_port: int, other: bytes, goal: float) -> Row:
    ratios, last = [], ""
    for _ in range(ROUNDS):
        ours, theirs = await _rate(port, request), await _rate(other_port, other)
        ratios.append(ours / theirs)
        last = f"{ours:.0f}/s against {theirs:.0f}/s"
    return f"{name}, 8 conn.", statistics.median(ratios), goal, last


async def _rate(port: int, request: bytes) -> float:
    """Answers a second, each on a connection of its own: moto keeps none."""
    once = request.replace(b"\r\nContent-Length", b"\r\nConnection: close\r\nContent-Length", 1)
    count, deadline = 0, time.perf_counter() + SECONDS

    async def ask() -> None:
        nonlocal count
        while time.perf_counter() < deadline:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(once)
            answer = await asyncio.wait_for(reader.read(-1), 30)
            writer.close()
            if answer[9:10] != b"2":
                raise SystemExit(f"{request[:60]!r} was answered {answer[:80]!r}")
            count += 1

    await asyncio.gather(*(ask() for _ in range(8)))
    return count / SECONDS
