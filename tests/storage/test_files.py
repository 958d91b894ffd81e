"""Blobs as files: complete or not there at all."""

from pathlib import Path

from upsim.storage.files import FileBlobs


async def test_committed_bytes_are_read_back(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    writer = await blobs.create()
    writer.write(b"one ")
    writer.write(b"two")
    await writer.commit()
    assert b"".join([chunk async for chunk in blobs.read(writer.key)]) == b"one two"
    path = blobs.path(writer.key)
    assert path is not None
    assert path.read_bytes() == b"one two"


async def test_discarded_bytes_leave_no_file(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    writer = await blobs.create()
    writer.write(b"half a range")
    await writer.discard()
    assert blobs.path(writer.key) is None
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_a_deleted_blob_is_gone_and_deleting_twice_is_fine(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    writer = await blobs.create()
    await writer.commit()
    await blobs.delete(writer.key)
    await blobs.delete(writer.key)
    assert blobs.path(writer.key) is None
