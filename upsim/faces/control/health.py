"""Is the process alive, and is it ready to be used."""

from aiohttp import web

from upsim import __version__
from upsim.domain.faults import Refused
from upsim.server.context import Call, json_response


async def livez(call: Call) -> web.Response:  # noqa: ARG001 - the handler's shape
    """200 as long as the process answers."""
    return json_response({"status": "alive", "version": __version__})


async def readyz(call: Call) -> web.Response:
    """503 until seed, TLS and listeners are up, and while the store cannot be reached."""
    store = call.site.store.engine
    if not call.site.is_ready:
        return json_response({"status": "starting", "store": store}, 503)
    try:
        await call.site.store.check()
    except Refused as refused:
        return json_response({"status": "unavailable", "store": store, "why": refused.detail}, 503)
    return json_response({"status": "ready", "version": __version__, "store": store})
