"""print/settings, and the print singleton itself."""

from aiohttp import web

from upsim.apis.graph.answers import entity_response
from upsim.apis.graph.bodies import Body, taking
from upsim.apis.graph.resources.print_settings import WRITABLE, read_settings, represent_settings
from upsim.apis.graph.selection import Json, view_of
from upsim.server.context import Call
from upsim.services import print_settings


async def get(call: Call) -> web.Response:
    settings = await call.read(print_settings.get)
    return entity_response(view_of(call), "print/settings", represent_settings(settings))


@taking(Body("printSettings", WRITABLE))
async def update(call: Call, given: Json) -> web.Response:
    await call.write(print_settings.update, **read_settings(given))
    return web.Response(status=204)


async def get_print(call: Call) -> web.Response:
    settings = await call.read(print_settings.get)
    return entity_response(view_of(call), "print", {"settings": represent_settings(settings)})
