"""Other emulators at comparable work: reading one small thing by its key, over HTTP."""

import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import Request, urlopen

import psutil

from bench.azurite import azurite
from bench.engines import ROUNDS, Row, requests_of
from bench.load import http
from bench.rig import rig
from bench.wrk import serve

SERVE_SECONDS = 2
GOAL = 5.0
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
def moto() -> Iterator[tuple[int, psutil.Process]]:
    """moto as an S3 server with one object; its port and process."""
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
        yield port, psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait(timeout=10)


async def peers() -> list[Row]:
    """GET printer with a token, permissions and limits, against a peer's read of a small thing without any."""
    async with rig() as ours:
        request, own = requests_of(ours)["GET printer"], psutil.Process(ours.process.pid)
        rows = []
        with moto() as (port, process):
            get = http("GET", "/bench/printer")
            rows += await _beside("moto GetObject", (own, ours.port, request), (process, port, get))
        with azurite(SMALL) as there:
            if isinstance(there, str):
                print(f"({there}: no rows for Azurite)")
                return rows
            port, process, path = there
            get = http("GET", path)
            rows += await _beside("Azurite Get Blob", (own, ours.port, request), (process, port, get))
        return rows


Asked = tuple[psutil.Process, int, bytes]


async def _beside(name: str, one: Asked, other: Asked) -> list[Row]:
    """Answers a second over eight connections, and what one costs of the processor, asked in turn.

    moto closes each connection after its answer; upsim and Azurite keep theirs.
    """
    pairs = [[await serve(*asked, 8, SERVE_SECONDS) for asked in (one, other)] for _ in range(ROUNDS)]
    rates = statistics.median(ours.per_second / theirs.per_second for ours, theirs in pairs)
    costs = statistics.median(theirs.cpu_microseconds / ours.cpu_microseconds for ours, theirs in pairs)
    ours, theirs = pairs[-1]
    return [
        (
            f"GET printer/{name}, 8 conn.",
            rates,
            GOAL,
            f"{ours.per_second:.0f}/s against {theirs.per_second:.0f}/s",
        ),
        (
            f"CPU of {name}/GET printer",
            costs,
            GOAL,
            f"{theirs.cpu_microseconds:.0f} µs against {ours.cpu_microseconds:.0f} µs",
        ),
    ]
