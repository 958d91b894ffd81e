"""print/connectors, and the connectors of a printer."""

from functools import partial

from aiohttp import web

from upsim.apis.graph.answers import count as count_of
from upsim.apis.graph.answers import entity_response, many, one
from upsim.apis.graph.bodies import Body, taking
from upsim.apis.graph.navigation import represent
from upsim.apis.graph.resources.print_connector import WRITABLE, read_connector
from upsim.apis.graph.selection import Json, view_of
from upsim.server.context import Call
from upsim.services import connectors

UNSUPPORTED = frozenset({"$count", "$search", "$filter"})
CONTEXT = "print/connectors/$entity"


async def list_all(call: Call) -> web.Response:
    return await many(call, "printConnector", "print/connectors", connectors.list_all, UNSUPPORTED)


async def count(call: Call) -> web.Response:
    return await count_of(call, "printConnector", connectors.list_all)


async def get(call: Call) -> web.Response:
    load = partial(connectors.get, connector_id=call.parameters["connector"])
    return await one(call, "printConnector", CONTEXT, load)


@taking(Body("printConnector", WRITABLE))
async def update(call: Call, given: Json) -> web.Response:
    view, changes = view_of(call), read_connector(given)
    shown = await call.write(
        lambda tx: represent(
            tx, view, "printConnector", connectors.update(tx, call.parameters["connector"], **changes)
        )
    )
    return entity_response(view, CONTEXT, shown)


async def delete(call: Call) -> web.Response:
    await call.write(connectors.delete, call.parameters["connector"])
    return web.Response(status=204)


async def list_of_printer(call: Call) -> web.Response:
    load = partial(connectors.of_printer, printer_id=call.parameters["printer"])
    return await many(call, "printConnector", "print/connectors", load)


async def get_of_printer(call: Call) -> web.Response:
    load = partial(
        connectors.get_of_printer,
        printer_id=call.parameters["printer"],
        connector_id=call.parameters["connector"],
    )
    return await one(call, "printConnector", CONTEXT, load)


async def count_of_printer(call: Call) -> web.Response:
    load = partial(connectors.of_printer, printer_id=call.parameters["printer"])
    return await count_of(call, "printConnector", load)
