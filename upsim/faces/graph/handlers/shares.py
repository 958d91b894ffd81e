"""print/shares."""

from functools import partial

from aiohttp import web

from upsim.faces.graph.answers import count as count_of
from upsim.faces.graph.answers import entity_response, many, one
from upsim.faces.graph.bodies import bound_id, read_body
from upsim.faces.graph.navigation import represent
from upsim.faces.graph.selection import view_of
from upsim.server.context import Call
from upsim.services import shares

WRITABLE = frozenset({"displayName", "allowAllUsers"})
UNSUPPORTED = frozenset({"$count", "$orderby", "$search"})
CONTEXT = "print/shares/$entity"


async def list_all(call: Call) -> web.Response:
    load = partial(shares.list_visible_shares, caller=call.caller)
    return await many(call, "printerShare", "print/shares", load, UNSUPPORTED)


async def count(call: Call) -> web.Response:
    return await count_of(call, "printerShare", partial(shares.list_visible_shares, caller=call.caller))


async def get(call: Call) -> web.Response:
    """Under print/shares, and under a printer when the share is that printer's."""
    load = partial(
        shares.get_share,
        caller=call.caller,
        share_id=call.parameters["share"],
        printer_id=call.parameters.get("printer", ""),
    )
    return await one(call, "printerShare", CONTEXT, load)


async def create(call: Call) -> web.Response:
    given = await read_body(
        call, "printerShare", writable=WRITABLE, required=("displayName", "printer"), binds=("printer",)
    )
    view, printer_id = view_of(call), bound_id(given["printer"], "printers")
    body = await call.write(
        lambda tx: represent(
            tx,
            view,
            "printerShare",
            shares.create(
                tx,
                display_name=given["displayName"],
                printer_id=printer_id,
                allow_all_users=bool(given.get("allowAllUsers")),
            )[0],
        )
    )
    return entity_response(view, CONTEXT, body, 201)


async def update(call: Call) -> web.Response:
    given = await read_body(call, "printerShare", writable=WRITABLE, binds=("printer",))
    view, printer = view_of(call), given.get("printer")
    body = await call.write(
        lambda tx: represent(
            tx,
            view,
            "printerShare",
            shares.update(
                tx,
                call.parameters["share"],
                display_name=given.get("displayName"),
                printer_id=bound_id(printer, "printers") if printer else None,
                allow_all_users=given.get("allowAllUsers"),
            )[0],
        )
    )
    return entity_response(view, CONTEXT, body)


async def delete(call: Call) -> web.Response:
    await call.write(shares.delete, call.parameters["share"])
    return web.Response(status=204)
