"""Streams that are begun before the answer is: what cannot be read is refused while a status can still say so."""

from collections.abc import AsyncIterator


async def begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same stream, its first chunk read already."""
    first = await anext(chunks, None)
    return _joined(first, chunks)


async def _joined(first: bytes | None, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first is not None:
        yield first
        async for chunk in rest:
            yield chunk
