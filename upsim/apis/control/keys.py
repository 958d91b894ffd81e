"""Keys for clients that cannot send tokens, and the end of a printer's certificate."""

from aiohttp import web

from upsim.apis.control.bodies import tenant_named
from upsim.server.context import Call, json_response
from upsim.services import client_keys, device_certificates


async def device_key(call: Call) -> web.Response:
    """User name and key of a printer's device, for Basic on the IPP API."""
    tenant, printer_id = await tenant_named(call), call.parameters["printer"]
    key = await call.site.store.read(tenant.id, lambda tx: client_keys.device_key(tx, printer_id))
    return json_response({"userName": printer_id.lower(), "key": key})


async def revoke_certificate(call: Call) -> web.Response:
    """Revoke the printer's certificate: it gets no further token."""
    tenant, printer_id = await tenant_named(call), call.parameters["printer"]
    await call.site.store.write(tenant.id, lambda tx: device_certificates.revoke(tx, printer_id))
    return web.Response(status=204)


async def user_key(call: Call) -> web.Response:
    """User name and key of a user, for Basic on the IPP API."""
    tenant, name = await tenant_named(call), call.parameters["user"]
    key = await call.site.store.read(tenant.id, lambda tx: client_keys.user_key(tx, name))
    return json_response({"userName": name, "key": key})
