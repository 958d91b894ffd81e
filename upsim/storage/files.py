"""Documents' bytes as files under a folder, one file a part."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

READ_BYTES = 256 * 1024


class FileBlobWriter:
    """A `BlobWriter` into a file of its own, whose key nobody knows before it is complete."""

    def __init__(self, path: Path, key: str) -> None:
        self.key = key
        self._path = path
        self._file: BinaryIO = path.open("xb", buffering=0)

    def write(self, chunk: bytes) -> None:
        view = memoryview(chunk)
        while view:
            view = view[self._file.write(view) :]

    async def commit(self) -> None:
        await asyncio.to_thread(os.fdatasync, self._file.fileno())
        self._file.close()

    async def discard(self) -> None:
        if not self._file.closed:
            self._file.close()
            self._path.unlink(missing_ok=True)


class FileBlobs:
    """`Blobs` in a folder. Keys are random, spread over 256 sub-folders."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def create(self) -> FileBlobWriter:
        key = secrets.token_hex(16)
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        return FileBlobWriter(path, key)

    def path(self, key: str) -> Path | None:
        path = self._path(key)
        return path if path.exists() else None

    async def read(self, key: str) -> AsyncIterator[bytes]:
        with self._path(key).open("rb", buffering=0) as file:
            while chunk := file.read(READ_BYTES):
                yield chunk

    async def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / key
