"""System query options: OData 4.01 Part 2 section 5.1 (``$select``, ``$expand``, ``$filter`` and so on).

``parse_query`` reads the part of a URL after ``?``, still percent-encoded. Names of options are read in any
case; everything else is case-sensitive. Whether the named properties exist is asked in ``validation``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote_plus

import msgspec
from msgspec import Struct

from .errors import BadQuery, bad_clause, syntax_error
from .filter import Expression, parse_filter
from .limits import DEFAULT_LIMITS, Limits


class OrderBy(Struct, frozen=True):
    """One sort key; ``path`` as written: ``createdBy/displayName``."""

    path: str
    descending: bool = False


class ExpandItem(Struct, frozen=True):
    """One navigation property to inline, ``*`` for all, with the options in its parentheses."""

    path: str
    options: QueryOptions


class QueryOptions(Struct, frozen=True):
    """The options of a query string. ``given`` names the options that were written, such as ``"$top"``."""

    select: tuple[str, ...] = ()
    expand: tuple[ExpandItem, ...] = ()
    filter: Expression | None = None
    orderby: tuple[OrderBy, ...] = ()
    top: int | None = None
    skip: int | None = None
    count: bool = False
    search: str | None = None
    skiptoken: str | None = None
    format: str | None = None
    custom: Mapping[str, str] = msgspec.field(default_factory=lambda: MappingProxyType({}))
    given: frozenset[str] = frozenset()


def parse_query(query_string: str, limits: Limits = DEFAULT_LIMITS) -> QueryOptions:
    """Read a query string; parameters without ``$`` are collected as ``custom``."""
    if len(query_string) > limits.query_length:
        raise BadQuery(f"The query string is longer than {limits.query_length} characters.")
    parts = [part for part in query_string.removeprefix("?").split("&") if part]
    if len(parts) > limits.options:
        raise BadQuery(f"The query string has more than {limits.options} parameters.")
    return _read_options((_decoded(part) for part in parts), limits, depth=0)


def _decoded(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    try:
        return unquote_plus(name, errors="strict").strip(), unquote_plus(value, errors="strict")
    except UnicodeDecodeError:
        raise BadQuery("The query string is not UTF-8.") from None


def _read_options(pairs: Iterable[tuple[str, str]], limits: Limits, depth: int) -> QueryOptions:
    values: dict[str, Any] = {}
    custom: dict[str, str] = {}
    for name, value in pairs:
        option = name.lower()
        if not option.startswith("$"):
            custom[name] = value
            continue
        if option not in _READERS:
            raise BadQuery(f"The query parameter '{name}' is not supported.", option=option)
        if option[1:] in values:
            twice = f"Query option '{option}' was specified more than once"
            raise BadQuery(f"{twice}, but it must be specified at most once.", option=option)
        values[option[1:]] = _READERS[option](value.strip(), limits, depth)
    given = frozenset(f"${name}" for name in values)
    return QueryOptions(**values, custom=MappingProxyType(custom), given=given)


# A name may be qualified (a type cast), so dots are allowed in it.
_PATH = r"[^\W\d][\w.]*(?:/[^\W\d][\w.]*)*"
_SELECT_ITEM = re.compile(rf"\*|{_PATH}")
_EXPAND_ITEM = re.compile(rf"(?P<path>\*|{_PATH})\s*(?:\((?P<options>.*)\))?", re.DOTALL)
_ORDERBY_ITEM = re.compile(rf"(?P<path>{_PATH})(?:\s+(?P<direction>asc|desc))?", re.IGNORECASE)


def _read_select(text: str, limits: Limits, _depth: int) -> tuple[str, ...]:
    items = _items("$select", text, _SELECT_ITEM, limits.select_items)
    return tuple(dict.fromkeys(match[0] for match in items))


def _read_expand(text: str, limits: Limits, depth: int) -> tuple[ExpandItem, ...]:
    if depth >= limits.expand_depth:
        reason = f"The request includes a $expand path which is too deep. The maximum depth allowed is {depth}."
        raise bad_clause("$expand", reason)
    items = _items("$expand", text, _EXPAND_ITEM, limits.expand_items)
    return tuple(
        ExpandItem(match["path"], _read_options(_nested_options(match["options"] or ""), limits, depth + 1))
        for match in items
    )


def _nested_options(text: str) -> Iterator[tuple[str, str]]:
    for position, part in _split("$expand", text, ";"):
        if not part.strip():
            continue
        name, equals, value = part.partition("=")
        if not equals or not name.strip().startswith("$"):
            raise syntax_error("$expand", position, text)
        yield name.strip(), value


def _read_filter(text: str, limits: Limits, _depth: int) -> Expression:
    return parse_filter(text, limits)


def _read_orderby(text: str, limits: Limits, _depth: int) -> tuple[OrderBy, ...]:
    items = _items("$orderby", text, _ORDERBY_ITEM, limits.orderby_items)
    return tuple(OrderBy(match["path"], (match["direction"] or "").lower() == "desc") for match in items)


def _read_top(text: str, limits: Limits, _depth: int) -> int:
    top = _natural("$top", text)
    if limits.top_max is not None and top > limits.top_max:
        reason = f"Invalid page size specified: '{top}'. Must be between 1 and {limits.top_max} inclusive."
        raise BadQuery(reason, option="$top")
    return top


def _read_skip(text: str, _limits: Limits, _depth: int) -> int:
    return _natural("$skip", text)


def _read_count(text: str, _limits: Limits, _depth: int) -> bool:
    if text.lower() not in ("true", "false"):
        reason = f"Invalid value '{text}' for $count query option found. Valid values are 'true' and 'false'."
        raise BadQuery(reason, option="$count")
    return text.lower() == "true"


def _as_written(text: str, _limits: Limits, _depth: int) -> str:
    return text


_READERS: Mapping[str, Callable[[str, Limits, int], object]] = {
    "$select": _read_select,
    "$expand": _read_expand,
    "$filter": _read_filter,
    "$orderby": _read_orderby,
    "$top": _read_top,
    "$skip": _read_skip,
    "$count": _read_count,
    "$search": _as_written,
    "$skiptoken": _as_written,
    "$format": _as_written,
}


def _natural(option: str, text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text):
        reason = (
            f"Invalid value '{text}' for {option} query option found. "
            f"The {option} query option requires a non-negative integer value."
        )
        raise BadQuery(reason, option=option)
    return int(text)


def _items(option: str, text: str, form: re.Pattern[str], limit: int) -> list[re.Match[str]]:
    """Return the comma-separated items of an option, each of the given form; an empty option has none."""
    if not text:
        return []
    matches = []
    for position, item in _split(option, text, ","):
        match = form.fullmatch(item.strip())
        if match is None:
            raise syntax_error(option, position, text)
        matches.append(match)
        if len(matches) > limit:
            raise bad_clause(option, f"{option} has more than {limit} items.")
    return matches


# Quoted text hides separators: 'a,b' inside a nested filter, "a,b" inside a nested search.
_STRUCTURE = re.compile(r"""'(?:[^']|'')*+'|"(?:[^"\\]|\\.)*+"|[(),;]""", re.DOTALL)


def _split(option: str, text: str, separator: str) -> Iterator[tuple[int, str]]:
    """Yield the parts between separators outside parentheses and quotes, each with its position."""
    depth = start = 0
    for match in _STRUCTURE.finditer(text):
        mark = match[0]
        if mark == "(":
            depth += 1
        elif mark == ")":
            depth -= 1
        elif mark == separator and depth == 0:
            yield start, text[start : match.start()]
            start = match.end()
        if depth < 0:
            raise syntax_error(option, match.start(), text)
    if depth:
        raise syntax_error(option, len(text), text)
    yield start, text[start:]
