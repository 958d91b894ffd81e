"""The embedded engine beside PostgreSQL, one node beside two, and a commit a group beside a commit a request."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.load import hammer, http
from bench.rig import Rig, rig
from tests.support.postgres import PostgresServer
from upsim.domain.caller import Caller
from upsim.domain.limits import LimitSettings
from upsim.domain.printer import Printer
from upsim.domain.tenant import Tenant, TenantSettings
from upsim.services.jobs import owner
from upsim.services.ports import SYSTEM, Store
from upsim.storage.postgres.engine import PostgresStore
from upsim.storage.sqlite.engine import SqliteStore

ROUNDS = 3
SECONDS = 1.5
CONNECTIONS = (1, 8, 64)
TENANT_ID = "00000000-0000-4000-8000-00000000a001"
USER = Caller(
    kind="user",
    tenant_id=TENANT_ID,
    user_id="alex",
    user_principal_name="alex@contoso.example",
    display_name="Alex",
    scopes=frozenset({"PrintJob.ReadWrite"}),
)

Row = tuple[str, float, float, str]
"""Name, ratio, goal (0: none) and the rates behind the ratio."""


@contextmanager
def durable_postgres() -> Iterator[PostgresServer]:
    """A private server that syncs as it does for everybody."""
    server = PostgresServer(is_durable=True)
    try:
        yield server
    finally:
        server.close()


def requests_of(ours: Rig) -> dict[str, bytes]:
    """Return the requests for each rig."""
    share = f"/v1.0/print/shares/{ours.share_id}/jobs"
    as_json = {**ours.as_user, "Content-Type": "application/json"}
    as_ipp = {**ours.as_device, "Content-Type": "application/ipp"}
    return {
        "GET printer": http("GET", f"/v1.0/print/printers/{ours.printer_id}", ours.as_admin),
        "POST job": http("POST", share, as_json, b'{"configuration":{}}'),
        "IPP Get-Jobs": http("POST", "/printers", as_ipp, ours.get_jobs),
    }


async def beside(one: Rig, other: Rig, name: str, connections: int) -> tuple[float, str]:
    """Return the median ratio of two rigs that are asked in turn."""
    mine, theirs = requests_of(one)[name], requests_of(other)[name]
    return await kept_alive(one.port, mine, other.port, theirs, connections)


async def kept_alive(
    port: int, request: bytes, other_port: int, other: bytes, connections: int
) -> tuple[float, str]:
    """Return the median ratio of two servers that are asked in turn over connections that stay open."""
    ratios, last = [], ""
    for _ in range(ROUNDS):
        rates = []
        for where, what in ((port, request), (other_port, other)):
            rate = await hammer(where, what, connections, SECONDS)
            if rate.failed:
                raise SystemExit(f"{rate.failed} of {what[:60]!r} were not answered 2xx")
            rates.append(rate.per_second)
        ratios.append(rates[0] / rates[1])
        last = f"{rates[0]:.0f}/s against {rates[1]:.0f}/s"
    return statistics.median(ratios), last


async def engines() -> list[Row]:
    """Requests on PostgreSQL against the same on the embedded file, then what a group commit gains on each."""
    rows = []
    with (
        durable_postgres() as postgres,
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
    ):
        store = postgres.fresh_url()
        async with rig("--store", store, "--data", one) as shared, rig("--data", two) as embedded:
            for name in requests_of(shared):
                for connections in CONNECTIONS:
                    ratio, detail = await beside(shared, embedded, name, connections)
                    rows.append((f"{name}, PostgreSQL/file, {connections} conn.", ratio, 0.0, detail))
        async with _opened(await SqliteStore.open_file(Path(one) / "bench.sqlite", _now)) as file:
            rows.append(("group commit/one each, file, 64 callers", *await _grouped(file, file._writes)))
        async with _opened(await PostgresStore.open(postgres.fresh_url(), _now)) as there:
            await _create(there, 1, 1)
            rows.append(
                ("group commit/one each, PostgreSQL, 64 callers", *await _grouped(there, there._writes[TENANT_ID]))
            )
    return rows


async def nodes() -> list[Row]:
    """Return two nodes on one port against one, on one database each, under the same load."""
    rows = []
    with (
        durable_postgres() as postgres,
        tempfile.TemporaryDirectory() as one,
        tempfile.TemporaryDirectory() as two,
    ):
        shared = ("--workers", "2", "--store", postgres.fresh_url(), "--data", one)
        async with rig(*shared) as pair, rig("--store", postgres.fresh_url(), "--data", two) as single:
            for name, goal in (("GET printer", 1.2), ("IPP Get-Jobs", 1.2), ("POST job", 0.0)):
                ratio, detail = await beside(pair, single, name, 64)
                rows.append((f"{name}, two nodes/one, 64 conn.", ratio, goal, detail))
    return rows


@asynccontextmanager
async def _opened(store: Any) -> AsyncIterator[Any]:
    tenant = Tenant(
        id=TENANT_ID,
        display_name="Contoso",
        domains=("contoso.example",),
        seed="seed",
        settings=TenantSettings(limits=LimitSettings(profile="off")),
    )
    printer = Printer(id="p1", display_name="Lab", manufacturer="Contoso", model="L1", registered_at=_now())
    await store.write(SYSTEM, lambda tx: tx.put(tenant))
    await store.write(TENANT_ID, lambda tx: tx.put(printer))
    yield store
    await store.close()


async def _create(store: Store, jobs_count: int, callers: int) -> float:
    """Jobs a second, created by this many callers at once."""
    began = time.perf_counter()

    async def call() -> None:
        for _ in range(jobs_count // callers):
            await store.write(TENANT_ID, lambda tx: owner.create_on_printer(tx, USER, "p1", {}))

    await asyncio.gather(*(call() for _ in range(callers)))
    return jobs_count / (time.perf_counter() - began)


async def _grouped(store: Store, queue: Any) -> tuple[float, float, str]:
    """Ratio, goal and rates of creating jobs with a commit a group against a commit each."""
    ratios, last, usual = [], "", queue._batch_max
    for _ in range(ROUNDS):
        together = await _create(store, 1280, 64)
        queue._batch_max = 1
        alone = await _create(store, 320, 64)
        queue._batch_max = usual
        ratios.append(together / alone)
        last = f"{together:.0f}/s against {alone:.0f}/s"
    return statistics.median(ratios), 4.0, last


def _now() -> datetime:
    return datetime.now(UTC)
