"""Documents' bytes as files under a folder, one file a part."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

READ_BYTES = 256 * 1024
UNFINISHED = ".part"
"""The suffix of a file whose writer has not committed it."""


class FileBlobWriter:
    """A `BlobWriter` into a file of its own, which gets its name when it is complete."""

    def __init__(self, path: Path, key: str) -> None:
        self.key = key
        self._path = path
        self._unfinished = path.with_suffix(UNFINISHED)
        self._file: BinaryIO = self._unfinished.open("xb", buffering=0)

    async def write(self, chunk: bytes) -> None:
        view = memoryview(chunk)
        while view:
            view = view[self._file.write(view) :]

    async def commit(self) -> None:
        await asyncio.to_thread(self._settle)

    async def discard(self) -> None:
        if not self._file.closed:
            self._file.close()
            self._unfinished.unlink(missing_ok=True)

    def _settle(self) -> None:
        os.fdatasync(self._file.fileno())
        self._unfinished.rename(self._path)
        self._file.close()


class FileBlobs:
    """`Blobs` in a folder. Keys are random, spread over 256 sub-folders."""

    engine = "files"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def create(self) -> FileBlobWriter:
        key = secrets.token_hex(16)
        path = self._path(key)
        try:
            return FileBlobWriter(path, key)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            return FileBlobWriter(path, key)

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

    async def delete(self, key: str) -> None:
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
