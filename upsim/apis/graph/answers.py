"""Answers to reads: one thing, a page of many, how many."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from upsim.apis.graph.navigation import finish, of_many, represent, represent_all
from upsim.apis.graph.selection import (
    PAGE_SIZE_MAX,
    Json,
    View,
    ignoring,
    read_options,
    reading_query,
    view_of,
)
from upsim.server.context import Call, json_response, octets_response
from upsim.services.ports import Transaction
from upsim.wire.odata.paging import page_of, read_page
from upsim.wire.odata.query import QueryOptions

Load = Callable[[Transaction], Any]
NOTHING: frozenset[str] = frozenset()


class OldestFirst(Struct, frozen=True):
    """For what there may be very many of: loads as many of the oldest as a page needs, or with None all."""

    load: Callable[[Transaction, int | None], Sequence[Any]]


def in_context(view: View, context: str, body: Json) -> Json:
    """Return a thing with its context, unless the client wants no metadata."""
    return body if view.is_bare else {"@odata.context": view.context(context), **body}


def entity_response(view: View, context: str, body: Json, status: int = 200) -> web.Response:
    """Return one thing as the answer."""
    return json_response(in_context(view, context, body), status)


async def one(call: Call, type_name: str, context: str, load: Load) -> web.Response:
    """Read one thing in one unit and answer with it."""

    def unit(tx: Transaction) -> bytes:
        view, options = view_of(call), read_options(call, type_name)
        body = represent(tx, view, type_name, load(tx), options)
        return orjson.dumps(in_context(view, context, body))

    return octets_response(await call.read(unit), "application/json")


async def many(
    call: Call,
    type_name: str,
    context: str,
    load: Load | OldestFirst,
    unsupported: frozenset[str] = NOTHING,
    viewpoint_of: str = "",
) -> web.Response:
    """Read a page of things in one unit. `unsupported` are options that the documentation excludes."""

    def unit(tx: Transaction) -> bytes:
        view = of_many(tx, replace(view_of(call), viewpoint_of=viewpoint_of), type_name)
        options = ignoring(read_options(call, type_name), unsupported, tx)
        things = load.load(tx, _needed(tx, options)) if isinstance(load, OldestFirst) else load(tx)
        body = _page(tx, view, type_name, things, options, call.base_url + call.request.raw_path)
        return orjson.dumps(in_context(view, context, body))

    return octets_response(await call.read(unit), "application/json")


async def count(call: Call, type_name: str, load: Load) -> web.Response:
    """Answer with the number of entities as plain text (OData 4.01 Part 2 section 4.8)."""
    view, options = view_of(call), read_options(call, type_name)

    def unit(tx: Transaction) -> int:
        return len(represent_all(tx, of_many(tx, view, type_name), type_name, load(tx), options))

    number = await call.read(unit)
    return web.Response(text=str(number), content_type="text/plain")


def _needed(tx: Transaction, options: QueryOptions) -> int | None:
    """Return how many of the oldest entities a page and the check for a next one need; None: all."""
    if options.filter is not None or options.orderby or options.count:
        return None
    with reading_query():
        page = read_page(options, size_default=tx.tenant.settings.queries.page_size, size_max=PAGE_SIZE_MAX)
    return page.offset + page.size + 1


def _page(
    tx: Transaction, view: View, type_name: str, things: Sequence[Any], options: QueryOptions, url: str
) -> Json:
    rows = represent_all(tx, view, type_name, things, options)
    with reading_query():
        page = page_of(
            rows, options, url, size_default=tx.tenant.settings.queries.page_size, size_max=PAGE_SIZE_MAX
        )
    body: Json = {} if page.count is None else {"@odata.count": page.count}
    body["value"] = finish(tx, view, type_name, page.items, options)
    if page.next_link:
        body["@odata.nextLink"] = page.next_link
    return body
