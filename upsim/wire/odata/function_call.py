"""A function with its parameters in a path segment: OData 4.01 Part 2 section 4.5.2 (Addressing Functions).

Read leniently. Graph's Python SDK leaves out the commas, encodes ``:`` and ``+``, and drops the value of a
parameter that is not given: ``f(id='p1'start=2026-01-01T00%3A00%3A00%2B00%3A00end=)``.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from .errors import BadQuery
from .literals import KEYWORDS, LITERAL, Scalar, read_literal

SEGMENT_LENGTH_MAX = 4096

_SEGMENT = re.compile(r"\s*(?P<name>[^\W\d][\w.]*)\s*\((?P<parameters>.*)\)\s*", re.DOTALL)
_PARAMETER = re.compile(
    rf"[\s,]*(?P<name>[^\W\d]\w*)\s*=\s*(?:(?P<keyword>(?i:null|true|false))|{LITERAL})?", re.DOTALL
)


def parse_function_segment(text: str) -> tuple[str, dict[str, Scalar]]:
    """Return the function's name as written and its parameters; those without a value are left out."""
    if len(text) > SEGMENT_LENGTH_MAX:
        raise BadQuery(f"The path segment is longer than {SEGMENT_LENGTH_MAX} characters.")
    # In a path "+" is itself, not a space.
    segment = unquote(text)
    match = _SEGMENT.fullmatch(segment)
    if match is None:
        raise BadQuery(f"The segment '{segment}' is not a function call.")
    return match["name"], _read_parameters(match["parameters"], segment)


def _read_parameters(text: str, segment: str) -> dict[str, Scalar]:
    parameters: dict[str, Scalar] = {}
    given: set[str] = set()
    position = 0
    while text[position:].strip(", \t"):
        match = _PARAMETER.match(text, position)
        if match is None or match["name"] in given:
            raise _malformed(segment, text[position:])
        given.add(match["name"])
        if match.lastgroup != "name":
            parameters[match["name"]] = _read_value(match, segment)
        position = match.end()
    return parameters


def _read_value(match: re.Match[str], segment: str) -> Scalar:
    kind = match.lastgroup or ""
    if kind == "keyword":
        return KEYWORDS[match[kind].lower()]
    try:
        return read_literal(kind, match[kind])
    except ValueError:
        raise _malformed(segment, match[kind]) from None


def _malformed(segment: str, rest: str) -> BadQuery:
    return BadQuery(f"The parameters of '{segment}' cannot be read from '{rest}' on.")
