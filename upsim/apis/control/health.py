"""Is the process alive, is it ready to be used, and its end."""

import asyncio

from aiohttp import web

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, json_response
from upsim.version import VERSION


async def livez(call: Call) -> web.Response:  # noqa: ARG001 - the handler's shape
    """200 as long as the process answers."""
    return json_response({"status": "alive", "version": VERSION})


async def readyz(call: Call) -> web.Response:
    """503 until seed, TLS and listeners are up, and while the store cannot be reached."""
    engines = {"store": call.site.store.engine, "documents": call.site.blobs.engine, "node": call.site.node}
    if not call.site.is_ready:
        return json_response({"status": "starting", **engines}, 503)
    try:
        await call.site.store.check()
        await call.site.blobs.check()
    except Refusal as refusal:
        headers = {"Retry-After": str(refusal.facts.get("retry_after_seconds", 1))}
        return json_response({"status": "unavailable", **engines, "why": refusal.detail}, 503, headers)
    return json_response({"status": "ready", "version": VERSION, **engines})


async def stop(call: Call) -> web.Response:
    """End the server once this is answered; requests that run are answered as well."""
    end = call.site.stop
    if end is None:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            "This server cannot be stopped by itself: it is part of another program, or one of several processes "
            "on its port. Stop what started it.",
            reason="not-stoppable",
        )
    asyncio.get_running_loop().call_soon(end)
    return json_response({"status": "stopping"}, 202)
