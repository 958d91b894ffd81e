"""`GET /_upsim/addresses`: where the listeners are, for commands that lead clients to them."""

from aiohttp import web
from msgspec.structs import asdict

from upsim.server.context import Call, json_response
from upsim.services import tenants
from upsim.services.ports import SYSTEM


async def show(call: Call) -> web.Response:
    """Return the URLs of the listeners as programs on this machine call them, and the first tenant."""
    found = await call.site.store.read(SYSTEM, tenants.list_all)
    return json_response({**asdict(call.site.addresses), "tenant": found[0].id if found else ""})
