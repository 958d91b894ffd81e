"""`authorization_code`, RFC 6749 section 4.1.3 with the code verifier of RFC 7636 section 4.5."""

from aiohttp import web

from upsim.apis.entra.answers import token_answer
from upsim.apis.entra.requests import read_credential, read_form, read_scope
from upsim.server.context import Call
from upsim.services import grants


async def redeem(call: Call) -> web.StreamResponse:
    form = await read_form(call)
    grant = await call.write(
        grants.redeem_code,
        read_credential(call, form),
        form.get("code", ""),
        form.get("redirect_uri", ""),
        form.get("code_verifier", ""),
        read_scope(call, form),
        call.base_url,
    )
    return await token_answer(call, form, grant)
