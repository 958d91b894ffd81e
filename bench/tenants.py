"""Tenants: what making, resetting, forking and going back cost, and what 100,000 jobs weigh.

Times are what one caller waits on a kept connection, and what the server's process works for it: on a loaded
machine only the latter says something about upsim.
"""

import asyncio
import http.client
import os
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import psutil

from bench.figures import Figure
from bench.load import hammer
from bench.load import http as http_request
from bench.rig import Rig, rig

ROUNDS = 15
ROWS = 1000
JOBS = int(os.environ.get("UPSIM_BENCH_JOBS", "100000"))
CONTOSO = "/_upsim/tenants/contoso.example"


class Caller:
    """One connection to a server, and the processor time that the server takes."""

    def __init__(self, port: int, pid: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._process = psutil.Process(pid)

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        payload = b"" if body is None else orjson.dumps(body)
        self._connection.request(method, path, payload, {"Content-Type": "application/json", **(headers or {})})
        response = self._connection.getresponse()
        content = response.read()
        if response.status >= 300:
            raise SystemExit(f"{method} {path} was answered {response.status}: {content[:300]!r}")
        return orjson.loads(content) if content else None

    def milliseconds(self, work: Callable[[], Any], rounds: int = ROUNDS) -> tuple[float, float]:
        """The median that the caller waits, and the mean of the server's processor time."""
        waited = []
        before = self._worked()
        for _ in range(rounds):
            began = time.perf_counter()
            work()
            waited.append((time.perf_counter() - began) * 1000)
        return statistics.median(waited), (self._worked() - before) / rounds * 1000

    def megabytes(self) -> float:
        return float(self._process.memory_info().rss) / 1e6

    def _worked(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


async def tenants() -> list[Figure]:
    """A new tenant; reset, snapshot, restore and fork of one with 1,000 rows and more."""
    async with rig() as ours:
        return await asyncio.to_thread(_measure_tenants, ours)


def _measure_tenants(ours: Rig) -> list[Figure]:
    caller = Caller(ours.port, ours.process.pid)
    figures = [_figure("new tenant", caller.milliseconds(lambda: caller.call("POST", "/_upsim/tenants", {})), 2.0)]
    caller.call("POST", f"{CONTOSO}/snapshots", {"name": "empty"})
    _add_jobs(caller, ours, ROWS)
    taken = caller.milliseconds(lambda: caller.call("POST", f"{CONTOSO}/snapshots", {}))
    figures.append(_figure(f"snapshot, {ROWS} rows", taken, 5.0))
    caller.call("POST", f"{CONTOSO}/snapshots", {"name": "full"})
    points = _alternating("empty", "full")
    gone_back = caller.milliseconds(lambda: caller.call("POST", f"{CONTOSO}/restore", {"to": next(points)}))
    figures.append(_figure(f"restore, {ROWS} rows apart", gone_back, 5.0))
    caller.call("POST", f"{CONTOSO}/restore", {"to": "full"})
    forked = caller.milliseconds(lambda: caller.call("POST", f"{CONTOSO}/fork", {}))
    figures.append(_figure(f"fork, {ROWS} rows", forked, 5.0))

    forks = [caller.call("POST", f"{CONTOSO}/fork", {})["tenant"]["id"] for _ in range(ROUNDS)]
    each = iter(forks)
    reset = caller.milliseconds(lambda: caller.call("POST", f"/_upsim/tenants/{next(each)}/reset"))
    figures.append(_figure(f"reset, {ROWS} rows", reset, 5.0))
    return figures


async def memory() -> list[Figure]:
    """The memory of a server with very many jobs, and a page of them beside the same page in a small tenant."""
    async with rig() as ours:
        return await asyncio.to_thread(_measure_memory, ours)


def _measure_memory(ours: Rig) -> list[Figure]:
    caller = Caller(ours.port, ours.process.pid)
    idle = caller.megabytes()
    page = f"/v1.0/print/shares/{ours.share_id}/jobs"
    _add_jobs(caller, ours, 100)
    small = caller.milliseconds(lambda: caller.call("GET", page, headers=ours.as_user), 40)
    asyncio.run(_add_many_jobs(ours, JOBS - 100))
    large = caller.milliseconds(lambda: caller.call("GET", page, headers=ours.as_user), 40)
    weight = caller.megabytes()
    detail = f"{large[0]:.1f} ms against {small[0]:.1f} ms; work {large[1]:.1f} ms against {small[1]:.1f} ms"
    return [
        Figure("memory after the rig, of 60 MB", idle / 60, 1.4, "≤", f"{idle:.0f} MB, every face loaded"),
        Figure(f"memory with {JOBS} jobs, of 300 MB", weight / 300, 1.0, "≤", f"{weight:.0f} MB"),
        Figure(f"page of {JOBS} jobs, beside 100", large[1] / small[1], 2.0, "≤", detail),
    ]


def _add_jobs(caller: Caller, ours: Rig, count: int) -> None:
    for _ in range(count):
        caller.call("POST", f"/v1.0/print/shares/{ours.share_id}/jobs", {"configuration": {}}, ours.as_user)


async def _add_many_jobs(ours: Rig, count: int) -> None:
    headers = {**ours.as_user, "Content-Type": "application/json"}
    request = http_request("POST", f"/v1.0/print/shares/{ours.share_id}/jobs", headers, b'{"configuration":{}}')
    left = count
    while left > 0:
        rate = await hammer(ours.port, request, 16, 5.0)
        if rate.failed:
            raise SystemExit(f"{rate.failed} jobs were not created")
        left -= rate.answered


def _alternating(*names: str) -> Iterator[str]:
    while True:
        yield from names


def _figure(name: str, measured: tuple[float, float], goal: float) -> Figure:
    """Held against the goal is what the server works: its caller waits for other programs as well."""
    waited, worked = measured
    return Figure(
        f"{name}, of {goal:g} ms", worked / goal, 1.0, "≤", f"{worked:.1f} ms work, {waited:.1f} ms waited"
    )
