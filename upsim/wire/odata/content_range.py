"""Byte ranges of an upload session: RFC 9110 section 14.4 (Content-Range) and Graph's ``nextExpectedRanges``.

A header counts both ends (``bytes 0-9/100`` is ten bytes). All else here is half-open: ``[start, end)``.
"""

from __future__ import annotations

import re
from bisect import bisect_left

from msgspec import Struct

from .errors import BadQuery

# Every interval costs memory for the life of a session, and a client that sends every other byte makes many.
INTERVALS_MAX = 4096

# RFC 9110 writes a space after the unit; one sample in Microsoft's documentation writes "=".
_CONTENT_RANGE = re.compile(r"bytes *[ =] *([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18})")
_HEADER_LENGTH_MAX = 100

Interval = tuple[int, int]


class RangeOverlap(BadQuery):
    """Some of these bytes were received before; a service answers 416."""


class ContentRange(Struct, frozen=True):
    """The bytes ``start`` to ``end``, both included, of a document of ``total`` bytes."""

    start: int
    end: int
    total: int

    @property
    def stop(self) -> int:
        """The first byte after the range."""
        return self.end + 1

    @property
    def length(self) -> int:
        return self.stop - self.start

    @property
    def is_last(self) -> bool:
        return self.stop == self.total


def parse_content_range(header: str) -> ContentRange:
    """Read ``bytes a-b/total``. An unknown total (``*``) is refused: an upload session has a declared size."""
    match = _CONTENT_RANGE.fullmatch(header.strip()) if len(header) <= _HEADER_LENGTH_MAX else None
    if match is None:
        shown = header[:_HEADER_LENGTH_MAX]
        raise BadQuery(f"The Content-Range header '{shown}' is not of the form 'bytes start-end/total'.")
    start, end, total = (int(digits) for digits in match.groups())
    if not start <= end < total:
        raise BadQuery(f"The Content-Range header names bytes {start}-{end} of a document of {total} bytes.")
    return ContentRange(start, end, total)


class Ranges(Struct, frozen=True):
    """Which bytes have arrived: sorted intervals that neither overlap nor touch."""

    intervals: tuple[Interval, ...] = ()

    def add(self, start: int, end: int) -> Ranges:
        """These bytes as well; raises ``RangeOverlap`` when any of them was here already."""
        if not 0 <= start < end:
            raise BadQuery(f"There are no bytes from {start} to {end}.")
        index = bisect_left(self.intervals, (start, end))
        before, after = self.intervals[:index], self.intervals[index:]
        if (before and before[-1][1] > start) or (after and after[0][0] < end):
            raise RangeOverlap(f"Some of the bytes {start}-{end - 1} were already received.")
        if before and before[-1][1] == start:
            start, before = before[-1][0], before[:-1]
        if after and after[0][0] == end:
            end, after = after[0][1], after[1:]
        if len(before) + len(after) >= INTERVALS_MAX:
            raise BadQuery(f"The upload has more than {INTERVALS_MAX} separate ranges.")
        return Ranges((*before, (start, end), *after))

    def covers(self, start: int, end: int) -> bool:
        """Return whether every byte of ``[start, end)`` is here."""
        return start >= end or any(first <= start and end <= last for first, last in self.intervals)

    def missing(self, total: int) -> list[Interval]:
        """Return the gaps of a document of ``total`` bytes, in order."""
        gaps = []
        position = 0
        for start, end in self.intervals:
            if position < min(start, total):
                gaps.append((position, min(start, total)))
            position = end
        if position < total:
            gaps.append((position, total))
        return gaps

    def is_complete(self, total: int) -> bool:
        return self.covers(0, total)

    def next_expected(self, total: int) -> list[str]:
        """Return the gaps as ``nextExpectedRanges``, with both ends: Graph's Python SDK fails on ``"5-"``."""
        return [f"{start}-{end - 1}" for start, end in self.missing(total)]
