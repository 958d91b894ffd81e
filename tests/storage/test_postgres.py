"""The PostgreSQL engine against the conformance suite, alone and as two nodes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import psycopg
import pytest

from tests.support.postgres import PostgresServer
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.storage.conformance import CrashConformance, NodesConformance, Opener, StoreConformance
from upsim.storage.conformance.stores import a_tenant
from upsim.storage.errors import StoreError, StoreTooNewError
from upsim.storage.postgres.engine import PoolSettings, PostgresStore


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - an engine is tested with real time passing


class TestAlone(StoreConformance):
    @pytest.fixture
    async def store(self, postgres: PostgresServer) -> AsyncIterator[PostgresStore]:
        store = await PostgresStore.open(postgres.fresh_url(), _now)
        yield store
        await store.close()


class TestKilled(CrashConformance):
    @pytest.fixture
    def opener(self, postgres: PostgresServer) -> Opener:
        return Opener("tests.support.openers:postgresql", postgres.fresh_url())


class TestTwoNodes(NodesConformance):
    @pytest.fixture
    async def nodes(self, postgres: PostgresServer) -> AsyncIterator[tuple[PostgresStore, PostgresStore]]:
        url = postgres.fresh_url()
        nodes = await PostgresStore.open(url, _now), await PostgresStore.open(url, _now)
        yield nodes
        for node in nodes:
            await node.close()


async def test_units_of_a_group_share_an_instant(postgres: PostgresServer) -> None:
    store = await PostgresStore.open(postgres.fresh_url(), _now)
    tenant = await a_tenant(store)
    units = (store.write(tenant, lambda tx: tx.now) for _ in range(20))
    assert len(set(await asyncio.gather(*units))) == 1
    await store.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://nobody@127.0.0.1:1/none", "cannot be used"),
        ("postgresql://localhost/?nonsense=1", "cannot be read"),
    ],
)
async def test_an_address_that_is_wrong_is_explained(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        await PostgresStore.open(url, _now)


async def test_a_newer_schema_is_refused(postgres: PostgresServer) -> None:
    url = postgres.fresh_url()
    await (await PostgresStore.open(url, _now)).close()
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    with pytest.raises(StoreTooNewError, match="schema 99"):
        await PostgresStore.open(url, _now)


async def test_a_server_that_went_away_is_unavailable_and_comes_back_by_itself() -> None:
    server = PostgresServer(is_durable=True)  # it is stopped as by a crash
    try:
        store = await PostgresStore.open(server.url, _now, PoolSettings(timeout_seconds=2.0))
        tenant = await a_tenant(store)
        server.stop()
        with pytest.raises(Refusal) as refusal:
            await store.write(tenant, lambda tx: tx.new_id())
        assert refusal.value.kind is RefusalKind.UNAVAILABLE
        assert refusal.value.facts["retry_after_seconds"] == 1
        server.start()
        await answering(store)
        assert await store.write(tenant, lambda tx: tx.next_number("job")) == 1
        await store.close()
    finally:
        server.close()


async def answering(store: PostgresStore) -> None:
    """Ask until it answers, a few times."""
    for _ in range(5):
        try:
            return await store.check()
        except Refusal:
            continue
    raise AssertionError("The store did not come back.")
