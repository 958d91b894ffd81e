"""Lines in JSON: the text is walked down the path, and what lies beside it is skipped."""

import json
from collections.abc import Sequence

Path = Sequence[str | int]

_DECODER = json.JSONDecoder()
_BLANK = " \t\r\n"


def line_of(text: str, path: Path) -> int:
    """Return the line, counted from 1, on which the value of `path` begins, or the line of its parent."""
    at = _skip(text, 0)
    for part in path:
        try:
            found = _member(text, at, part) if isinstance(part, str) else _element(text, at, part)
        except (json.JSONDecodeError, IndexError):
            break
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _member(text: str, at: int, name: str) -> int | None:
    """Return the offset at which the value of an object's member begins."""
    if text[at] != "{":
        return None
    at = _skip(text, at + 1)
    while text[at] == '"':
        key, at = _DECODER.raw_decode(text, at)
        value = _skip(text, _skip(text, at) + 1)
        if key == name:
            return value
        at = _after(text, value)
    return None


def _element(text: str, at: int, index: int) -> int | None:
    """Return the offset at which an array's element begins."""
    if text[at] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(index):
        if text[at] == "]":
            return None
        at = _after(text, at)
    return None if text[at] == "]" else at


def _after(text: str, at: int) -> int:
    """Return the offset behind a value and its comma."""
    _, end = _DECODER.raw_decode(text, at)
    end = _skip(text, end)
    return _skip(text, end + 1) if text[end] == "," else end


def _skip(text: str, at: int) -> int:
    while text[at] in _BLANK:
        at += 1
    return at
