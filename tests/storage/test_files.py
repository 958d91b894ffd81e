"""Documents as files in a folder."""

import asyncio
import errno
import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from upsim.app import real_now
from upsim.storage.conformance import BlobsConformance
from upsim.storage.conformance.blobs import read, stored
from upsim.storage.documents.files import SYNC_BYTES, FileBlobs


class TestFiles(BlobsConformance):
    @pytest.fixture
    def blobs(self, tmp_path: Path) -> FileBlobs:
        return FileBlobs(tmp_path)


async def test_a_committed_blob_is_a_file_that_can_be_sent_as_it_is(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    key = await stored(blobs, b"one ", b"two")
    path = blobs.path(key)
    assert path is not None
    assert path.read_bytes() == b"one two"
    assert blobs.path("00" * 16) is None


async def test_a_young_unfinished_blob_is_left_alone(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    writer = await blobs.create()
    assert await blobs.discard_unfinished(real_now() - timedelta(minutes=1)) == 0
    await writer.write(b"x")
    await writer.commit()
    assert await read(blobs, writer.key) == b"x"


async def test_what_is_synced_while_more_comes_is_whole_when_it_is_committed(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    pieces = [bytes([number]) * (SYNC_BYTES // 2 + number) for number in range(12)]
    key = await stored(blobs, *pieces)
    assert await read(blobs, key) == b"".join(pieces)


@pytest.mark.parametrize("size", [1, 3 * SYNC_BYTES])
async def test_what_ends_with_the_process_waits_for_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    monkeypatch.setattr(os, "fsync", synced.append)
    kept, passing = FileBlobs(tmp_path / "kept"), FileBlobs(tmp_path / "passing", is_durable=False)
    assert await read(passing, await stored(passing, bytes(size))) == bytes(size)
    assert synced == []
    await stored(kept, bytes(size))
    assert synced


async def test_the_name_is_made_durable_once_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[bool] = []
    blobs = FileBlobs(tmp_path)
    await stored(blobs, b"so that there is a folder")
    monkeypatch.setattr("upsim.storage.documents.files.secrets.token_hex", lambda _: key)
    key = next(path.name for path in tmp_path.rglob("*") if path.is_file())[:2] + "0" * 30
    monkeypatch.setattr(os, "fsync", lambda _: named.append(blobs.path(key) is not None))
    await stored(blobs, b"x")
    assert named == [True]


@pytest.mark.parametrize("more", [0, 20])
async def test_a_disk_that_failed_once_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: int
) -> None:
    sync, failed = os.fdatasync, threading.Event()

    def fail(_: int) -> None:
        monkeypatch.setattr(os, "fdatasync", sync)
        failed.set()
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", fail)
    writer = await FileBlobs(tmp_path).create()

    async def write_all() -> None:
        await writer.write(bytes(SYNC_BYTES))
        await asyncio.to_thread(failed.wait)
        for _ in range(more):
            await asyncio.to_thread(int)  # others have their turn, and the sync its end
            await writer.write(bytes(SYNC_BYTES))
        await writer.commit()

    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        await write_all()
    await writer.discard()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [12, 3 * SYNC_BYTES])
async def test_discarded_bytes_leave_no_file(tmp_path: Path, size: int) -> None:
    blobs = FileBlobs(tmp_path)
    writer = await blobs.create()
    await writer.write(bytes(size))
    await writer.discard()
    assert blobs.path(writer.key) is None
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
