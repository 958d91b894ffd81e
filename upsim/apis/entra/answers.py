"""The answer of the token endpoint (RFC 6749 section 5.1), in the shapes of Entra's two versions."""

from typing import Any

from aiohttp import web

from upsim.apis.entra import claims
from upsim.apis.entra.requests import V2, Form
from upsim.server.context import Call, json_response
from upsim.services.grants import Grant


async def token_answer(call: Call, form: Form, grant: Grant) -> web.Response:
    """Sign what was granted and write it as the asked endpoint does."""
    asked = claims.asked_of_access_token(form)
    answer: dict[str, Any] = {
        "token_type": "Bearer",
        "expires_in": grant.valid_seconds,
        "ext_expires_in": grant.valid_seconds,
        "access_token": await call.site.keyring.sign(claims.access_token(call, grant, asked), has_thumbprint=True),
    }
    if grant.user is not None:
        answer["scope"] = grant.answer
        if grant.refresh_token:
            answer["refresh_token"] = grant.refresh_token
        if "openid" in grant.openid:
            identity = claims.id_token(call, grant, is_v2=call.version == V2)
            answer["id_token"] = await call.site.keyring.sign(identity)
        if form.get("client_info") == "1":
            answer["client_info"] = claims.client_info(grant)
    return json_response(answer if call.version == V2 else _as_v1(answer, form, grant))


def _as_v1(answer: dict[str, Any], form: Form, grant: Grant) -> dict[str, Any]:
    """Return the v1 endpoint writes numbers as strings and says when and for what."""
    issued = int(grant.issued_at.timestamp())
    shaped = answer | {
        "expires_in": str(grant.valid_seconds),
        "ext_expires_in": str(grant.valid_seconds),
        "expires_on": str(issued + grant.valid_seconds),
        "not_before": str(issued),
        "resource": form.get("resource") or grant.resource.audience,
    }
    if grant.user is not None:
        shaped["scope"] = " ".join(grant.permissions)
    return shaped
