"""Documents of which small ones are rows of the store."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from upsim.domain.refusals import Refusal
from upsim.services.ports import SYSTEM
from upsim.storage.conformance import BlobsConformance
from upsim.storage.conformance.blobs import all_keys, read, real_now, stored
from upsim.storage.conformance.stores import a_tenant, a_user, users
from upsim.storage.documents.files import FileBlobs
from upsim.storage.sqlite import engine
from upsim.storage.sqlite.blobs import ROW_BYTES_MAX, RowBlobs
from upsim.storage.sqlite.engine import SqliteStore


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[tuple[SqliteStore, RowBlobs]]:
    store = await SqliteStore.open_file(folder / "upsim.sqlite", real_now)
    blobs = RowBlobs(store, FileBlobs(folder / "documents"), real_now)
    try:
        yield store, blobs
    finally:
        await blobs.close()
        await store.close()


def rows(folder: Path) -> int:
    """How many blobs are in the store's file, as others see it."""
    other = sqlite3.connect(f"file:{folder / 'upsim.sqlite'}?mode=ro", uri=True)
    (count,) = other.execute("SELECT count(*) FROM blob").fetchone()
    other.close()
    return int(count)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Another program writes the store's file, so that the store cannot."""
    other = sqlite3.connect(folder / "upsim.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


class TestRows(BlobsConformance):
    @pytest.fixture
    async def blobs(self, tmp_path: Path) -> AsyncIterator[RowBlobs]:
        async with opened(tmp_path) as (_, blobs):
            yield blobs


@pytest.mark.parametrize(("size", "is_file"), [(ROW_BYTES_MAX, False), (ROW_BYTES_MAX + 1, True)])
async def test_a_blob_too_large_for_a_row_is_a_file(tmp_path: Path, size: int, is_file: bool) -> None:
    async with opened(tmp_path) as (_, blobs):
        content = bytes(size - 1) + b"x"
        key = await stored(blobs, content[:-7], content[-7:])
        path = blobs.path(key)
        assert (path is not None) is is_file
        files = [file.read_bytes() for file in (tmp_path / "documents").rglob("*") if file.is_file()]
        assert files == [content] * is_file
        assert await read(blobs, key) == content


async def test_a_row_is_in_the_file_with_the_next_change_and_not_before(tmp_path: Path) -> None:
    async with opened(tmp_path) as (store, blobs):
        tenant = await a_tenant(store)
        key = await stored(blobs, b"octets")
        assert rows(tmp_path) == 0
        assert await read(blobs, key) == b"octets"
        await store.write(tenant, lambda tx: tx.put(a_user("u1")))
        assert rows(tmp_path) == 1
        assert await read(blobs, key) == b"octets"


async def test_a_row_waits_for_the_next_change_where_one_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.01)
    async with opened(tmp_path) as (store, blobs):
        tenant = await a_tenant(store)
        key = await stored(blobs, b"octets")
        with locked(tmp_path), pytest.raises(Refusal, match="database is locked"):
            await store.write(tenant, lambda tx: tx.put(a_user("u1")))
        assert rows(tmp_path) == 0
        assert await read(blobs, key) == b"octets"
        await store.write(tenant, lambda tx: tx.put(a_user("u2")))
        assert rows(tmp_path) == 1
        assert await read(blobs, key) == b"octets"
        assert await store.read(tenant, users) == {"u2": "ada"}


async def test_a_row_that_is_deleted_before_it_is_written_is_never_written(tmp_path: Path) -> None:
    async with opened(tmp_path) as (store, blobs):
        key = await stored(blobs, b"octets")
        with locked(tmp_path):
            await blobs.delete([key])
            with pytest.raises(FileNotFoundError):
                await read(blobs, key)
        assert await all_keys(blobs) == set()
        await store.write(SYSTEM, lambda _: None)
        assert rows(tmp_path) == 0
