"""Lines in TOML.

The parser reports none, so the text is parsed in growing pieces until the value is there.
"""

import re
import tomllib
from collections.abc import Sequence
from typing import Any

Path = Sequence[str | int]


def line_of(text: str, path: Path) -> int:
    """Return the line, counted from 1, on which the value of `path` begins, or the line of its parent."""
    lines = text.splitlines()
    best = 1
    for length in range(1, len(path) + 1):
        found = _begin(lines, path[:length], best)
        if found is None:
            return best
        best = found
    return best


def _begin(lines: list[str], path: Path, first: int) -> int | None:
    """Return the first line from `first` on that makes the value of `path` appear."""
    for number in _candidates(lines, path, first):
        if has(_read(lines, number - 1), path):
            continue
        for end in range(number, len(lines) + 1):  # a value may go over several lines
            document = _read(lines, end)
            if document is not None:
                if has(document, path):
                    return _within(lines, number, end, path)
                break
    return None


def _candidates(lines: list[str], path: Path, first: int) -> list[int]:
    """Lines that may begin it: those with its key, or with a header of a table in an array."""
    key = next(part for part in reversed(path) if isinstance(part, str))
    pattern = re.compile(rf"(^|[\s\[.\"'{{,])({re.escape(key)})[\s\].\"'=]")
    return [number for number in range(first, len(lines) + 1) if pattern.search(lines[number - 1] + " ")]


def _within(lines: list[str], start: int, end: int, path: Path) -> int:
    """Return the line of an element in an array that goes over several lines: the one with its text."""
    document = _read(lines, end)
    value = get(document, path)
    if isinstance(path[-1], int) and isinstance(value, str) and end > start:
        quoted = (f'"{value}"', f"'{value}'")
        held = [n for n in range(start, end + 1) if any(text in lines[n - 1] for text in quoted)]
        if held:
            return held[0]
    return start


def has(document: Any, path: Path) -> bool:
    """Return whether there is something at the path."""
    return get(document, path) is not None


def get(document: Any, path: Path) -> Any:
    """Return the value at the path, or None."""
    for part in path:
        try:
            document = document[part]
        except (KeyError, IndexError, TypeError):
            return None
    return document


def _read(lines: list[str], count: int) -> Any:
    """Return the document of the first lines, or None where they end in the middle of a value."""
    try:
        return tomllib.loads("\n".join(lines[:count]) + "\n")
    except tomllib.TOMLDecodeError:
        return None
