"""`password`, RFC 6749 section 4.3: what Connect-UPService and older scripts use."""

from aiohttp import web

from upsim.apis.entra.answers import token_answer
from upsim.apis.entra.requests import check_specific, read_credential, read_form, read_scope, unwrap
from upsim.server.context import Call
from upsim.services import grants

REFUSED_AUTHORITIES = frozenset({"common", "consumers"})


async def redeem(call: Call) -> web.StreamResponse:
    form = await read_form(call)
    check_specific(call, REFUSED_AUTHORITIES)
    credential, scope = read_credential(call, form), read_scope(call, form)
    user_name, password = form.get("username", ""), form.get("password", "")
    outcome = await call.write(grants.password, credential, user_name, password, scope, call.base_url)
    return await token_answer(call, form, unwrap(outcome))
