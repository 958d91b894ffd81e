"""Server-driven paging: OData 4.01 Part 1 section 11.2.6.7, and ``@odata.nextLink`` as Graph writes it.

A service asks ``read_page`` what to fetch, fetches one row more than the page holds, and hands the rows to
``make_page``; the extra row says that there is a next page. In Graph ``$top`` is the size of every page.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar
from urllib.parse import unquote_plus

from msgspec import Struct

from .errors import BadQuery
from .query import QueryOptions

Row = TypeVar("Row")


class PageRequest(Struct, frozen=True):
    """Fetch ``size + 1`` rows, after ``offset`` rows or after the row with the key ``after``."""

    size: int
    offset: int = 0
    after: str | None = None


class Page(Struct, Generic[Row], frozen=True):
    """The page of one answer; ``count`` only when it was asked for."""

    items: tuple[Row, ...]
    next_link: str | None = None
    count: int | None = None


def read_page(options: QueryOptions, *, size_default: int, size_max: int) -> PageRequest:
    """Return what to fetch. A ``$top`` beyond ``size_max`` gives the largest page, not an error."""
    size = min(size_default if options.top is None else options.top, size_max)
    if options.skiptoken is None:
        return PageRequest(size, offset=options.skip or 0)
    position = decode_skiptoken(options.skiptoken)
    return PageRequest(size, offset=position) if isinstance(position, int) else PageRequest(size, after=position)


def make_page(
    rows: Sequence[Row],
    request: PageRequest,
    request_url: str,
    *,
    key: Callable[[Row], str] | None = None,
    count: int | None = None,
) -> Page[Row]:
    """Return the page of the fetched rows.

    With ``key`` the next page starts after a row, else after a number of rows.
    """
    items = tuple(rows[: request.size])
    if not items or len(rows) <= request.size:
        return Page(items, None, count)
    position = request.offset + request.size if key is None else key(items[-1])
    return Page(items, next_link(request_url, encode_skiptoken(position)), count)


def page_of(
    rows: Sequence[Row], options: QueryOptions, request_url: str, *, size_default: int, size_max: int
) -> Page[Row]:
    """Return one page of rows that are all at hand."""
    request = read_page(options, size_default=size_default, size_max=size_max)
    if request.after is not None:
        raise _invalid_token()
    window = rows[request.offset : request.offset + request.size + 1]
    return make_page(window, request, request_url, count=len(rows) if options.count else None)


def next_link(request_url: str, token: str) -> str:
    """Return the request's own URL with the token in place of ``$skip`` and of an earlier token."""
    address, _, query = request_url.partition("#")[0].partition("?")
    remaining = [part for part in query.split("&") if part and not _is_position(part)]
    return f"{address}?{'&'.join([*remaining, f'$skiptoken={token}'])}"


def _is_position(part: str) -> bool:
    return unquote_plus(part.partition("=")[0]).strip().lower() in ("$skip", "$skiptoken")


def encode_skiptoken(position: int | str) -> str:
    """Return an opaque token for a number of rows or for the key of a row."""
    text = f"o{position}" if isinstance(position, int) else f"k{position}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


# Longer than any key a service would put in; far longer than any offset.
_TOKEN_LENGTH_MAX = 2048


def decode_skiptoken(token: str) -> int | str:
    """Return the position ``encode_skiptoken`` was given; any other token is refused."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", token) or len(token) > _TOKEN_LENGTH_MAX:
        raise _invalid_token()
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise _invalid_token() from None
    if re.fullmatch("o[0-9]{1,15}", text):
        return int(text[1:])
    if not text.startswith("k"):
        raise _invalid_token()
    return text[1:]


def _invalid_token() -> BadQuery:
    return BadQuery("The $skiptoken is invalid.", option="$skiptoken")
