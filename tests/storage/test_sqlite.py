"""The SQLite engine against the conformance suite, in memory and in a file, and what only a file can do."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from upsim.domain.query import Query
from upsim.domain.refusals import Refusal
from upsim.domain.user import User
from upsim.services.ports import Transaction
from upsim.storage.conformance import CrashConformance, Opener, StoreConformance
from upsim.storage.conformance.stores import START, a_tenant, a_user, users
from upsim.storage.errors import StoreError, StoreTooNewError
from upsim.storage.sqlite.engine import SqliteStore


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - an engine is tested with real time passing


class TestInMemory(StoreConformance):
    @pytest.fixture
    async def store(self) -> AsyncIterator[SqliteStore]:
        store = SqliteStore.open_memory(_now)
        yield store
        await store.close()


class TestInAFile(StoreConformance):
    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[SqliteStore]:
        store = await SqliteStore.open_file(tmp_path / "upsim.sqlite", _now)
        yield store
        await store.close()


class TestKilled(CrashConformance):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> Opener:
        return Opener("tests.support.openers:sqlite", str(tmp_path / "upsim.sqlite"))


async def test_a_file_keeps_the_state(tmp_path: Path) -> None:
    path = tmp_path / "upsim.sqlite"
    store = await SqliteStore.open_file(path, lambda: START)
    tenant = await a_tenant(store)
    await store.write(tenant, lambda tx: tx.put(a_user("u1")))
    await store.close()
    store = await SqliteStore.open_file(path, lambda: START)
    assert await store.read(tenant, lambda tx: tx.get(User, "u1")) == a_user("u1")
    await store.close()


async def test_units_of_a_group_share_an_instant(tmp_path: Path) -> None:
    store = await SqliteStore.open_file(tmp_path / "upsim.sqlite", _now)
    tenant = await a_tenant(store)
    units = (store.write(tenant, lambda tx: tx.now) for _ in range(20))
    assert len(set(await asyncio.gather(*units))) == 1
    await store.close()


async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "upsim.sqlite"
    await (await SqliteStore.open_file(path, lambda: START)).close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreTooNewError, match="schema 99"):
        await SqliteStore.open_file(path, lambda: START)


async def test_a_file_belongs_to_one_server_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "upsim.sqlite"
    store = await SqliteStore.open_file(path, _now)
    with pytest.raises(StoreError, match="in use by another server: stop that"):
        await SqliteStore.open_file(path, _now)
    await store.close()
    await (await SqliteStore.open_file(path, _now)).close()


async def test_a_long_unit_holds_no_reader_up(tmp_path: Path) -> None:
    begun, looked = threading.Event(), threading.Event()

    def take_long(tx: Transaction) -> bool:
        tx.put(a_user("u1"))
        begun.set()
        return looked.wait(timeout=10)

    store = await SqliteStore.open_file(tmp_path / "upsim.sqlite", _now)
    tenant = await a_tenant(store)
    writing = asyncio.create_task(store.write(tenant, take_long, is_long=True))
    assert await asyncio.to_thread(begun.wait, 10)
    assert await store.read(tenant, users) == {}
    looked.set()
    assert await writing
    assert await store.read(tenant, users) == {"u1": "ada"}
    await store.close()


async def test_a_group_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def fail(tx: Transaction) -> None:
        tx.put(a_user("u1"))
        assert tx.find(Query(entity=User))
        raise sqlite3.OperationalError("disk I/O error")

    store = await SqliteStore.open_file(tmp_path / "upsim.sqlite", _now)
    tenant = await a_tenant(store)
    units = [store.write(tenant, unit) for unit in (lambda tx: tx.next_number("n"), fail)]
    answers = await asyncio.gather(*units, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Refusal, Refusal]
    assert await store.write(tenant, lambda tx: (tx.next_number("n"), tx.find(Query(entity=User)))) == (1, [])
    assert await store.write(tenant, lambda tx: tx.get(User, "u1")) is None
    await store.close()


async def test_a_write_is_answered_only_when_it_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "upsim.sqlite"
    store = await SqliteStore.open_file(path, lambda: START)
    tenant = await a_tenant(store)
    await store.write(tenant, lambda tx: tx.put(a_user("u1")))
    other = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    assert other.execute("SELECT count(*) FROM entity WHERE kind = 'user'").fetchone() == (1,)
    other.close()
    await store.close()
