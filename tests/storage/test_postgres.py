"""The PostgreSQL engine against the conformance suite, alone and as two nodes."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from tests.postgres import PostgresServer
from tests.storage.conformance import NodesConformance, StoreConformance
from upsim.storage.postgres.engine import PostgresStore


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - an engine is tested with real time passing


class TestAlone(StoreConformance):
    @pytest.fixture
    async def store(self, postgres: PostgresServer) -> AsyncIterator[PostgresStore]:
        store = await PostgresStore.open(postgres.fresh_url(), _now)
        yield store
        await store.close()


class TestTwoNodes(NodesConformance):
    @pytest.fixture
    async def nodes(self, postgres: PostgresServer) -> AsyncIterator[tuple[PostgresStore, PostgresStore]]:
        url = postgres.fresh_url()
        nodes = await PostgresStore.open(url, _now), await PostgresStore.open(url, _now)
        yield nodes
        for node in nodes:
            await node.close()
