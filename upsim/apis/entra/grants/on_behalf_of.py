"""On-behalf-of: a service trades its caller's token for one of its own (RFC 7523 section 2.1)."""

from aiohttp import web

from upsim.apis.entra.answers import token_answer
from upsim.apis.entra.requests import read_credential, read_form, read_scope
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.services import grants
from upsim.services.client_authentication import parameter_missing
from upsim.wire.jose import tokens


async def redeem(call: Call) -> web.StreamResponse:
    form = await read_form(call)
    if not form.get("assertion"):
        raise parameter_missing("assertion")
    credential, scope = read_credential(call, form), read_scope(call, form)
    claims = await _verified(call, form["assertion"])
    grant = await call.write(grants.on_behalf_of, credential, claims, scope, call.base_url)
    return await token_answer(call, form, grant)


async def _verified(call: Call, assertion: str) -> dict[str, object]:
    """Return the claims of a token that this server signed."""
    try:
        header, _ = tokens.read_unverified(assertion)
        key = await call.site.keyring.public_key(str(header.get("kid", "")))
        if key is None:
            raise _invalid("it names no key of this server")
        return tokens.verify(assertion, key)
    except (tokens.MalformedTokenError, tokens.WrongSignatureError) as error:
        raise _invalid(str(error)) from error


def _invalid(why: str) -> Refusal:
    detail = f"Assertion failed signature validation: {why}. Send the access token as it was received."
    return Refusal(RefusalKind.UNAUTHENTICATED, detail, reason="assertion-invalid")
