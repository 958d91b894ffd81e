"""What every document store must do."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from upsim.domain.refusals import Refusal
from upsim.services.ports import Blobs

LARGE = bytes(range(256)) * 4096 * 20  # 20 MiB: more than two pieces of a multipart upload
LATER = timedelta(hours=1)


def real_now() -> datetime:
    """Blobs know no tenant's time."""
    return datetime.now(UTC)  # noqa: TID251


async def stored(blobs: Blobs, *chunks: bytes) -> str:
    writer = await blobs.create()
    for chunk in chunks:
        await writer.write(chunk)
    await writer.commit()
    return writer.key


async def read(blobs: Blobs, key: str, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join([chunk async for chunk in blobs.read(key, start, stop)])


async def all_keys(blobs: Blobs) -> set[str]:
    return {key async for key in blobs.older_than(real_now() + LATER)}


class BlobsConformance:
    """Each test gets empty `blobs` from the store's own fixture."""

    async def test_committed_bytes_are_read_back(self, blobs: Blobs) -> None:
        key = await stored(blobs, b"one ", b"", b"two")
        assert await read(blobs, key) == b"one two"

    async def test_no_bytes_are_a_blob_too(self, blobs: Blobs) -> None:
        assert await read(blobs, await stored(blobs)) == b""

    async def test_a_large_blob_arrives_whole_however_it_is_cut(self, blobs: Blobs) -> None:
        odd = [LARGE[start : start + 99_991] for start in range(0, len(LARGE), 99_991)]
        assert await read(blobs, await stored(blobs, *odd)) == LARGE
        assert await read(blobs, await stored(blobs, LARGE)) == LARGE

    @pytest.mark.parametrize(("start", "stop"), [(0, 1), (5, 9), (3, None), (0, 10), (9, 10)])
    async def test_a_range_is_read_alone(self, blobs: Blobs, start: int, stop: int | None) -> None:
        key = await stored(blobs, b"0123456789")
        assert await read(blobs, key, start, stop) == b"0123456789"[start:stop]

    async def test_what_is_not_committed_is_not_there(self, blobs: Blobs) -> None:
        writer = await blobs.create()
        await writer.write(b"half a range")
        assert await all_keys(blobs) == set()
        await writer.discard()
        assert await all_keys(blobs) == set()

    async def test_a_discarded_large_blob_leaves_nothing(self, blobs: Blobs) -> None:
        writer = await blobs.create()
        await writer.write(LARGE)
        await writer.discard()
        assert await all_keys(blobs) == set()
        assert await blobs.discard_unfinished(real_now() + LATER) == 0

    async def test_a_deleted_blob_is_gone_and_deleting_twice_is_fine(self, blobs: Blobs) -> None:
        key = await stored(blobs, b"x")
        kept = await stored(blobs, b"y")
        await blobs.delete([key])
        await blobs.delete([key])
        assert await all_keys(blobs) == {kept}
        await blobs.delete([kept, key])
        assert await all_keys(blobs) == set()

    async def test_what_a_dead_writer_left_is_dropped(self, blobs: Blobs) -> None:
        writer = await blobs.create()
        await writer.write(LARGE)  # and never again
        assert await blobs.discard_unfinished(real_now() + LATER) == 1
        assert await blobs.discard_unfinished(real_now() + LATER) == 0
        with suppress(Refusal):
            await writer.discard()

    async def test_complete_blobs_are_listed_by_age(self, blobs: Blobs) -> None:
        keys = {await stored(blobs, b"x") for _ in range(3)}
        assert await all_keys(blobs) == keys
        assert {key async for key in blobs.older_than(real_now() - LATER)} == set()

    async def test_many_writers_at_once_do_not_mix(self, blobs: Blobs) -> None:
        contents = [bytes([number]) * (100_000 + number) for number in range(16)]
        keys = await asyncio.gather(*(stored(blobs, content[:5], content[5:]) for content in contents))
        assert await asyncio.gather(*(read(blobs, key) for key in keys)) == contents

    async def test_it_can_be_reached(self, blobs: Blobs) -> None:
        await blobs.check()
