"""Streams that are begun before the answer is, and closed with it.

What cannot be read is refused while a status can still say so. When a client leaves or the connection is cut, what
the stream was reading (a file, a connection to a bucket) is closed at once.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def closing(chunks: AsyncIterator[bytes]) -> AsyncIterator[AsyncIterator[bytes]]:
    """Close a stream at the end, however far it was read. One that is no generator has nothing to close."""
    try:
        yield chunks
    finally:
        close = getattr(chunks, "aclose", None)
        if close is not None:
            await close()


async def begun(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same stream, its first chunk read already."""
    first = await anext(chunks, None)
    return _joined(first, chunks)


async def _joined(first: bytes | None, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async with closing(rest):
        if first is not None:
            yield first
            async for chunk in rest:
                yield chunk
