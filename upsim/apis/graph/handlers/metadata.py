"""$metadata, and the OpenAPI description of everything that the API serves."""

from collections.abc import Callable

from aiohttp import web

from upsim.apis.graph.model import schema_of
from upsim.apis.graph.selection import Json
from upsim.server.context import Call, Handler, json_response


async def get_metadata(call: Call) -> web.Response:
    from upsim.wire.odata.csdl import to_csdl

    return web.Response(text=to_csdl(schema_of(call.version)), content_type="application/xml", charset="utf-8")


def openapi(describe: Callable[[str], Json]) -> Handler:
    """Return the handler of the OpenAPI document; `describe` builds it for a server's address."""

    async def handler(call: Call) -> web.Response:
        return json_response(describe(call.base_url))

    return handler
