"""Documents of which small ones lie in the store itself.

A file of its own costs several system calls and a wait for the disk. A row costs neither: it is written ahead of
whatever is committed next. Pages that a deleted row leaves are used again.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from upsim.services.ports import SYSTEM, BlobWriter
from upsim.storage._sql.rows import instant
from upsim.storage._sql.transaction import SqlTransaction
from upsim.storage.documents.files import FileBlobs
from upsim.storage.sqlite.engine import SqliteStore

ROW_BYTES_MAX = 64 * 1024
_PREFIX = "row-"
"""Of the keys that name rows."""


class RowBlobWriter:
    """A `BlobWriter` that keeps the bytes until they are too many for a row; then they go into a file."""

    key = ""

    def __init__(self, blobs: "RowBlobs") -> None:
        self._blobs = blobs
        self._chunks: list[bytes] = []
        self._size = 0
        self._file: BlobWriter | None = None

    async def write(self, chunk: bytes) -> None:
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size <= ROW_BYTES_MAX:
            return
        if self._file is None:
            self._file = await self._blobs.files.create()
        for each in self._chunks:
            await self._file.write(each)
        self._chunks.clear()

    async def commit(self) -> None:
        if self._file is None:
            self.key = self._blobs.keep(b"".join(self._chunks))
        else:
            await self._file.commit()
            self.key = self._file.key

    async def discard(self) -> None:
        self._chunks.clear()
        if self._file is not None:
            await self._file.discard()


class RowBlobs:
    """`Blobs` in a SQLite store and, where they are larger than `ROW_BYTES_MAX`, in files.

    Keys of rows ascend with the time of writing. What was not committed with anything yet is `SqliteStore.ahead`.
    """

    engine = "store and files"

    def __init__(self, store: SqliteStore, files: FileBlobs, now: Callable[[], datetime]) -> None:
        self.files = files
        self._store = store
        self._now = now

    async def create(self) -> RowBlobWriter:
        return RowBlobWriter(self)

    def keep(self, octets: bytes) -> str:
        """A new row; its key."""
        key = f"{_bound(self._now())}-{secrets.token_hex(8)}"
        self._store.ahead[key] = octets
        return key

    def path(self, key: str) -> Path | None:
        return None if _is_row(key) else self.files.path(key)

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        if not _is_row(key):
            async for chunk in self.files.read(key, start, stop):
                yield chunk
            return
        octets = self._store.ahead.get(key)
        if octets is None:
            rows = await self._ask("blob", key=key)
            if not rows:
                raise FileNotFoundError(key)
            ((octets,),) = rows
        yield octets[start:stop]

    async def delete(self, keys: Iterable[str]) -> None:
        """A row that is being written just now is left to the sweep."""
        keys = list(keys)
        rows = [key for key in keys if _is_row(key) and self._store.ahead.pop(key, None) is None]

        def forget(tx: SqlTransaction) -> None:
            for key in rows:
                tx.execute("forget_blob", key=key)

        if rows:
            await self._store.write(SYSTEM, forget)  # type: ignore[arg-type]
        await self.files.delete(key for key in keys if not _is_row(key))

    async def older_than(self, instant: datetime) -> AsyncIterator[str]:
        if self._store.ahead:
            await self._store.write(SYSTEM, lambda _: None)
        for (key,) in await self._ask("blobs_before", bound=_bound(instant)):
            yield key
        async for key in self.files.older_than(instant):
            yield key

    async def discard_unfinished(self, instant: datetime) -> int:
        return await self.files.discard_unfinished(instant)

    async def check(self) -> None:
        """The store could be opened."""

    async def close(self) -> None:
        await self.files.close()

    async def _ask(self, statement: str, **parameters: Any) -> list[Any]:
        def ask(tx: SqlTransaction) -> list[Any]:
            return tx.execute(statement, **parameters).fetchall()

        return await self._store.read(SYSTEM, ask)  # type: ignore[arg-type]


def _bound(moment: datetime) -> str:
    """What keys of rows begin with that were written then."""
    return f"{_PREFIX}{instant(moment):016x}"


def _is_row(key: str) -> bool:
    return key.startswith(_PREFIX)
