"""`client_credentials`, RFC 6749 section 4.4: an application for itself."""

from aiohttp import web

from upsim.apis.entra.answers import token_answer
from upsim.apis.entra.requests import check_specific, read_credential, read_form, read_scope
from upsim.server.context import Call
from upsim.services import grants, identity
from upsim.services.identity import SHARED_AUTHORITIES


async def redeem(call: Call) -> web.StreamResponse:
    form = await read_form(call)
    check_specific(call, SHARED_AUTHORITIES)
    credential, scope = read_credential(call, form), read_scope(call, form)
    asked = (credential, scope, call.base_url)
    # Where nothing is made, a reading unit is enough; a lenient tenant makes the applications that it meets.
    policy = await call.read(identity.policy)
    run = call.write if policy.is_lenient else call.read
    return await token_answer(call, form, await run(grants.client_credentials, *asked))
