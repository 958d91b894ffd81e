"""`client_credentials`, RFC 6749 section 4.4: an application for itself."""

from aiohttp import web

from upsim.faces.entra.answers import token_answer
from upsim.faces.entra.requests import check_specific, read_credential, read_form, read_scope
from upsim.server.context import Call
from upsim.services import grants, identity
from upsim.services.identity import SHARED_AUTHORITIES


async def redeem(call: Call) -> web.StreamResponse:
    form = await read_form(call)
    check_specific(call, SHARED_AUTHORITIES)
    credential, scope = read_credential(call, form), read_scope(call, form)
    run = call.write if (await call.read(identity.policy)).is_lenient else call.read
    grant = await run(grants.client_credentials, credential, scope, call.base_url)
    return await token_answer(call, form, grant)
