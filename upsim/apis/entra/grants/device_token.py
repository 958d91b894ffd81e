"""The printer's token: `srv_challenge` for a nonce, then a signed request under the JWT bearer grant type.

Follows "Get a device token" of Universal Print's documentation for printer makers. The parameter is `request`, not
`assertion`, and the answer to the challenge is JSON under the content type text/html, as documented.
"""

import orjson
from aiohttp import web

from upsim.apis.entra.answers import token_answer
from upsim.apis.entra.requests import Form, read_form
from upsim.apis.entra.statements import JoseStatement
from upsim.server.context import Call
from upsim.services import device_tokens

DEVICE_ALGORITHMS = ("RS256", "PS256", "ES256")
"""RS256 is documented; the others serve printers whose certificate has another kind of key."""


async def challenge(call: Call) -> web.StreamResponse:
    nonce = await call.write(device_tokens.new_nonce)
    return web.Response(body=orjson.dumps({"Nonce": nonce}), content_type="text/html", charset="utf-8")


async def redeem(call: Call) -> web.StreamResponse:
    form = await read_form(call)
    request = _signed_request(form)
    call.facts["printer"] = str(request.claims.get("iss", ""))
    grant = await call.write(device_tokens.redeem, request, call.site.now(), call.base_url)
    return await token_answer(call, form, grant)


def nonce_of(form: Form) -> str:
    """Return the nonce in the signed request, which names the tenant that it was given in."""
    return str(_signed_request(form).claims.get("request_nonce", ""))


def _signed_request(form: Form) -> JoseStatement:
    return JoseStatement(form["request"], DEVICE_ALGORITHMS, "device-request-malformed")
