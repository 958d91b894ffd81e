"""Requests sent by wrk, which takes a tenth of the processor that a client in Python does.

A load generator that shares two cores with the server must not be what is measured. Where wrk is missing, the one
in Python sends.
"""

import asyncio
import re
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import psutil

from bench.load import hammer

_SAID = ("host", "content-length")
"""Headers that wrk says by itself."""


class Served(NamedTuple):
    """The work of a server in a time."""

    per_second: float
    cpu_microseconds: float
    """Of the server's processor, a request."""


async def serve(process: psutil.Process, port: int, request: bytes, connections: int, seconds: int) -> Served:
    """Send `request` over and over on each connection, and look at what the server spends on it."""
    began = _cpu_seconds(process)
    per_second, answered = await _send(port, request, connections, seconds)
    return Served(per_second, (_cpu_seconds(process) - began) / answered * 1e6)


async def _send(port: int, request: bytes, connections: int, seconds: int) -> tuple[float, int]:
    program = shutil.which("wrk")
    if program is None:
        rate = await hammer(port, request, connections, seconds)
        if rate.failed:
            raise SystemExit(f"{rate.failed} requests were not answered 2xx: {request[:80]!r}")
        return rate.per_second, rate.answered
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "request.lua"
        script.write_text(_as_lua(request))
        options = ("-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(script))
        process = await asyncio.create_subprocess_exec(
            program, *options, f"http://127.0.0.1:{port}/", stdout=asyncio.subprocess.PIPE
        )
        said = (await process.communicate())[0].decode()
    counted = re.search(r"(\d+) requests in .*Requests/sec:\s+([\d.]+)", said, re.DOTALL)
    if counted is None or "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(f"wrk says: {said}")
    return float(counted[2]), int(counted[1])


def _as_lua(request: bytes) -> str:
    """Return the script that lets wrk send these octets."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    headers = [line.partition(": ") for line in lines]
    octets = "".join([f"\\{octet:03d}" for octet in body])
    return "\n".join(
        [
            f'wrk.method, wrk.path, wrk.body = "{method}", "{path}", "{octets}"',
            *[f'wrk.headers["{name}"] = "{value}"' for name, _, value in headers if name.lower() not in _SAID],
        ]
    )


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system
