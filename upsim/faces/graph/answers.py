"""Answers to reads: one thing, a page of many, how many."""

from collections.abc import Callable, Sequence
from typing import Any

from aiohttp import web
from msgspec.structs import replace

from upsim.faces.graph.navigation import finish, represent, represent_all
from upsim.faces.graph.selection import (
    PAGE_SIZE_MAX,
    Json,
    View,
    ignoring,
    read_options,
    reading_query,
    view_of,
)
from upsim.server.context import Call, json_response
from upsim.services.ports import Transaction
from upsim.wire.odata.paging import page_of
from upsim.wire.odata.query import QueryOptions

Load = Callable[[Transaction], Any]
NOTHING: frozenset[str] = frozenset()


def entity_response(view: View, context: str, body: Json, status: int = 200) -> web.Response:
    """One thing, with the context that tells its type, unless the client wants no metadata."""
    if view.is_bare:
        return json_response(body, status)
    return json_response({"@odata.context": view.context(context), **body}, status)


async def one(call: Call, type_name: str, context: str, load: Load) -> web.Response:
    """Read one thing in one unit and answer with it."""
    view, options = view_of(call), read_options(call, type_name)
    body = await call.read(lambda tx: represent(tx, view, type_name, load(tx), options))
    return entity_response(view, context, body)


async def many(
    call: Call,
    type_name: str,
    context: str,
    load: Load,
    unsupported: frozenset[str] = NOTHING,
    viewpoint_of: str = "",
) -> web.Response:
    """Read a page of things in one unit. `unsupported` are options that the documentation excludes."""
    view = replace(view_of(call), is_list=True, viewpoint_of=viewpoint_of)
    options = read_options(call, type_name)
    url = call.base_url + call.request.raw_path
    body = await call.read(
        lambda tx: _page(tx, view, type_name, load(tx), ignoring(options, unsupported, tx), url)
    )
    return entity_response(view, context, body)


async def count(call: Call, type_name: str, load: Load) -> web.Response:
    """How many there are, as plain text (OData 4.01 Part 2 section 4.8)."""
    view, options = replace(view_of(call), is_list=True), read_options(call, type_name)
    number = await call.read(lambda tx: len(represent_all(tx, view, type_name, load(tx), options)))
    return web.Response(text=str(number), content_type="text/plain")


def _page(
    tx: Transaction, view: View, type_name: str, things: Sequence[Any], options: QueryOptions, url: str
) -> Json:
    rows = represent_all(tx, view, type_name, things, options)
    with reading_query():
        page = page_of(rows, options, url, size_default=tx.tenant.settings.page_size, size_max=PAGE_SIZE_MAX)
    body: Json = {} if page.count is None else {"@odata.count": page.count}
    body["value"] = finish(tx, view, type_name, page.items, options)
    if page.next_link:
        body["@odata.nextLink"] = page.next_link
    return body
