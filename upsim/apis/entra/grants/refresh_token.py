"""`refresh_token`, RFC 6749 section 6."""

from aiohttp import web

from upsim.apis.entra.answers import token_answer
from upsim.apis.entra.requests import read_credential, read_form, read_scope
from upsim.server.context import Call
from upsim.services import grants


async def redeem(call: Call) -> web.StreamResponse:
    form = await read_form(call)
    credential, scope = read_credential(call, form), read_scope(call, form)
    grant = await call.write(grants.refresh, credential, form.get("refresh_token", ""), scope, call.base_url)
    return await token_answer(call, form, grant)
