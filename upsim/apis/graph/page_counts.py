"""The number of pages of a document, counted when a report is read, so that printing never waits for it."""

import asyncio
import io
import logging
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from upsim.domain.document import Document
from upsim.server.context import Call
from upsim.services import reports
from upsim.services.ports import Blobs

log = logging.getLogger("upsim.graph")

COUNTED_BYTES_MAX = 200 * 1000 * 1000
"""A larger document's pages stay unknown."""


async def count_finished(call: Call) -> None:
    """Count the pages of the finished jobs that nobody counted yet."""
    while jobs := await call.read(reports.uncounted, call.caller):
        for job in jobs:
            pages = await count_pages(call.site.blobs, job.document)
            await call.write(reports.note_pages, job.id, pages)


async def count_pages(blobs: Blobs, document: Document) -> int | None:
    """Return the pages of a PDF; None for any other format, and for a PDF that cannot be read."""
    is_pdf = document.format.partition(";")[0].strip().lower() == "application/pdf"
    if not is_pdf or document.size_bytes > COUNTED_BYTES_MAX:
        return None
    paths = [blobs.path(part.key) for part in document.parts]
    if all(paths):
        return await asyncio.to_thread(_count, _Concatenated([path for path in paths if path is not None]))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - `_count` closes it
    for part in document.parts:
        async for chunk in blobs.read(part.key):
            file.write(chunk)
    return await asyncio.to_thread(_count, file)


def _count(document: Any) -> int | None:
    """Return the pages of a PDF in a file that can be sought in; closes it."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    with document as file:
        try:
            return len(PdfReader(file, strict=False).pages)
        except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError, OSError) as error:
            log.info("the pages of a PDF cannot be counted: %s", error)
            return None


class _Concatenated(io.RawIOBase):
    """The parts of a document as one file, without copying them."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._files: list[tuple[int, int, BinaryIO]] = []
        self._position = 0
        self._size = 0
        for path in paths:
            file = path.open("rb")
            size = path.stat().st_size
            self._files.append((self._size, size, file))
            self._size += size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        stop = self._size if size < 0 else min(self._size, self._position + size)
        pieces = []
        for start, length, file in self._files:
            first, last = max(self._position, start), min(stop, start + length)
            if first < last:
                file.seek(first - start)
                pieces.append(file.read(last - first))
        self._position = max(self._position, stop)
        return b"".join(pieces)

    def close(self) -> None:
        for _, _, file in self._files:
            file.close()
        super().close()
