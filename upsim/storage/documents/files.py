"""Documents' bytes as files under a folder, one file a part."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

READ_BYTES = 256 * 1024
UNFINISHED = ".part"
"""The suffix of a file whose writer has not committed it."""


SYNC_BYTES = 2 << 20
"""So much is written to the disk while more comes; only what is left waits for it at the end."""


class FileBlobWriter:
    """A `BlobWriter` into a file of its own, which gets its name when it is complete."""

    def __init__(self, path: Path, key: str, *, is_durable: bool) -> None:
        self.key = key
        self._is_durable = is_durable
        self._path = path
        self._unfinished = path.with_suffix(UNFINISHED)
        self._file: BinaryIO = self._unfinished.open("xb", buffering=0)
        self._unsynced = 0
        self._syncing: asyncio.Future[None] | None = None

    async def write(self, chunk: bytes) -> None:
        view = memoryview(chunk)
        while view:
            view = view[self._file.write(view) :]
        if self._is_durable:
            self._sync_behind(len(chunk))

    async def commit(self) -> None:
        await self._synced()
        if self._is_durable:
            await asyncio.to_thread(os.fdatasync, self._file.fileno())
        self._unfinished.rename(self._path)
        self._file.close()
        if self._is_durable:
            await asyncio.to_thread(_sync_folder, self._path.parent)

    async def discard(self) -> None:
        with suppress(OSError):  # nobody waits for the bytes any more
            await self._synced()  # it uses the file
        if not self._file.closed:
            self._file.close()
            self._unfinished.unlink(missing_ok=True)

    def _sync_behind(self, written: int) -> None:
        self._unsynced += written
        if self._unsynced >= SYNC_BYTES and (self._syncing is None or self._syncing.done()):
            if self._syncing is not None:
                self._syncing.result()  # a failure is told once: the next may succeed though bytes are lost
            self._unsynced = 0
            self._syncing = asyncio.ensure_future(asyncio.to_thread(os.fdatasync, self._file.fileno()))

    async def _synced(self) -> None:
        """Wait for the sync that is under way."""
        if self._syncing is not None:
            await self._syncing


class FileBlobs:
    """`Blobs` in a folder. Keys are random, spread over 256 sub-folders."""

    engine = "files"

    def __init__(self, folder: Path, *, is_durable: bool = True) -> None:
        """`is_durable`: what is committed outlives a crash of the machine; no use where the state does not."""
        self._folder = folder
        self._is_durable = is_durable

    async def create(self) -> FileBlobWriter:
        key = secrets.token_hex(16)
        path = self._path(key)
        try:
            return FileBlobWriter(path, key, is_durable=self._is_durable)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            if self._is_durable:
                _sync_folder(self._folder)
            return FileBlobWriter(path, key, is_durable=self._is_durable)

    def path(self, key: str) -> Path | None:
        path = self._path(key)
        return path if path.exists() else None

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        with self._path(key).open("rb", buffering=0) as file:
            file.seek(start)
            left = (1 << 62) if stop is None else stop - start
            while left > 0 and (chunk := file.read(min(READ_BYTES, left))):
                left -= len(chunk)
                yield chunk

    async def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._path(key).unlink(missing_ok=True)

    async def older_than(self, instant: datetime) -> AsyncIterator[str]:
        for path in await asyncio.to_thread(list, self._written_before(instant)):
            if path.suffix != UNFINISHED:
                yield path.name

    async def discard_unfinished(self, instant: datetime) -> int:
        left = [path for path in self._written_before(instant) if path.suffix == UNFINISHED]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    async def check(self) -> None:
        """A folder that could be made is there."""

    async def close(self) -> None:
        """Nothing is held open."""

    def _written_before(self, instant: datetime) -> Iterator[Path]:
        limit = instant.timestamp()
        for path in self._folder.glob("??/*"):
            try:
                is_old = path.stat().st_mtime < limit
            except FileNotFoundError:  # deleted since it was listed
                continue
            if is_old:
                yield path

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key


def _sync_folder(folder: Path) -> None:
    """Let the names in a folder outlive a crash of the machine, as `fdatasync` does the bytes behind them."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
