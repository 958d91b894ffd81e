"""Tenants: what making, resetting, forking and going back cost, and what 100,000 jobs weigh.

Times are what one caller waits on a kept connection, and what the server's process works for it: on a loaded
machine only the latter says something about upsim.
"""

import asyncio
import http.client
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import psutil

from bench import processes
from bench.figures import Figure
from bench.rig import Rig, rig
from upsim.domain.caller import Caller
from upsim.domain.job import Job
from upsim.domain.query import Query
from upsim.domain.user import User
from upsim.services import tenants as tenants_of
from upsim.services.jobs import owner
from upsim.services.ports import SYSTEM
from upsim.storage.sqlite.engine import SqliteStore

ROUNDS = 15
ROWS = 1000
JOBS = int(os.environ.get("BENCH_JOBS", "100000"))
FEW_JOBS, PAGES, TOGETHER = 100, 40, 100
CONTOSO = "/_upsim/tenants/contoso.example"


class Client:
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
        """Return the medians of what the caller waits, and of the server's processor time."""
        waited, worked = [], []
        for _ in range(rounds):
            began, before = time.perf_counter(), processes.cpu_seconds(self._process.pid)
            work()
            waited.append((time.perf_counter() - began) * 1000)
            worked.append((processes.cpu_seconds(self._process.pid) - before) * 1000)
        return statistics.median(waited), statistics.median(worked)

    def megabytes(self) -> float:
        return float(self._process.memory_info().rss) / 1e6


async def tenants() -> list[Figure]:
    """Return a new tenant; reset, snapshot, restore and fork of one with 1,000 rows and more."""
    async with rig() as ours:
        return await asyncio.to_thread(_measure_tenants, ours)


def _measure_tenants(ours: Rig) -> list[Figure]:
    caller = Client(ours.port, ours.process.pid)
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
    """Return the memory of a server with very many jobs, and the time of a page among many and among few.

    Most are made in the file, by the service that calls reach, while no server runs: what a server weighs that
    made them itself is something else.
    """
    with tempfile.TemporaryDirectory() as folder:
        async with rig("--data", folder) as few:
            small = await asyncio.to_thread(_fill_a_page, few)
        await _add_in_file(Path(folder) / "upsim.sqlite", few.share_id, JOBS - FEW_JOBS)
        async with rig("--data", folder) as many:
            caller = Client(many.port, many.process.pid)
            before = caller.megabytes()
            large = await asyncio.to_thread(_page_milliseconds, caller, many.as_user, few.share_id)
            after = caller.megabytes()
    pages = f"{large:.1f} ms against {small:.1f} ms work"
    weight = f"{after:.0f} MB, before the pages {before:.0f} MB"
    return [
        Figure(f"memory with {JOBS} jobs, of 300 MB", after / 300, 1.0, "≤", weight),
        Figure(f"page of {JOBS} jobs, beside {FEW_JOBS}", large / small, 2.0, "≤", pages),
    ]


def _fill_a_page(ours: Rig) -> float:
    caller = Client(ours.port, ours.process.pid)
    _add_jobs(caller, ours, FEW_JOBS)
    return _page_milliseconds(caller, ours.as_user, ours.share_id)


async def _add_in_file(path: Path, share_id: str, count: int) -> None:
    """More jobs of the user who has some there, each in a unit of its own, as calls make them."""
    store = await SqliteStore.open_file(path, lambda: datetime.now(UTC))
    tenant = await store.read(SYSTEM, tenants_of.first)
    (job,) = await store.read(tenant.id, lambda tx: tx.find(Query(entity=Job, key=share_id, limit=1)))
    user = await store.read(tenant.id, lambda tx: tx.get(User, job.created_by.user_id))
    assert user is not None
    caller = Caller(
        kind="user",
        tenant_id=tenant.id,
        user_id=user.id,
        user_principal_name=user.user_principal_name,
        display_name=user.display_name,
    )
    for _ in range(0, count, TOGETHER):
        units = (
            store.write(tenant.id, lambda tx: owner.create_on_share(tx, caller, share_id, {}))
            for _ in range(TOGETHER)
        )
        await asyncio.gather(*units)
    await store.close()


def _page_milliseconds(caller: Client, headers: dict[str, str], share_id: str) -> float:
    page = f"/v1.0/print/shares/{share_id}/jobs"
    return caller.milliseconds(lambda: caller.call("GET", page, headers=headers), PAGES)[1]


def _add_jobs(caller: Client, ours: Rig, count: int) -> None:
    for _ in range(count):
        caller.call("POST", f"/v1.0/print/shares/{ours.share_id}/jobs", {"configuration": {}}, ours.as_user)


def _alternating(*names: str) -> Iterator[str]:
    while True:
        yield from names


def _figure(name: str, measured: tuple[float, float], goal: float) -> Figure:
    """Held against the goal is what the server works: its caller waits for other programs as well."""
    waited, worked = measured
    return Figure(
        f"{name}, of {goal:g} ms", worked / goal, 1.0, "≤", f"{worked:.1f} ms work, {waited:.1f} ms waited"
    )
