"""Reading what a client sent: the form, the credential, the tenant in the path.

Tolerant where stock clients need it: unknown fields, a charset in Content-Type, query strings on a POST.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from upsim.apis.entra.statements import JoseStatement
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.server.context import Call
from upsim.services import grants, identity
from upsim.services.client_authentication import Credential
from upsim.services.ports import SYSTEM

Form = Mapping[str, str]

FORM_FIELDS_MAX = 200
CLIENT_ALGORITHMS = ("RS256", "PS256")
"""Algorithms with which client libraries sign assertions: MSAL uses both."""
V2 = "v2.0"
"""`Call.version` of the endpoints below /oauth2/v2.0."""
_REDEEMABLE = ("code", "refresh_token", "device_code")


async def read_form(call: Call) -> Form:
    """Return the fields of a POST body, whatever its Content-Type says."""
    if call.content is None:
        call.hold_content(_fields(await call.body()))
    form: Form = call.content
    return form


def _fields(body: bytes) -> Form:
    """application/x-www-form-urlencoded (URL Standard section 5.1). `parse_qsl` takes three times as long."""
    pairs = body.decode(errors="replace").split("&", FORM_FIELDS_MAX)
    if len(pairs) > FORM_FIELDS_MAX:
        detail = f"The body has more than {FORM_FIELDS_MAX} form fields."
        raise Refusal(RefusalKind.INVALID, detail, reason="form-malformed")
    split = [pair.partition("=") for pair in pairs if pair]
    return {unquote_plus(name): unquote_plus(value) for name, _, value in split}


async def enter_tenant(call: Call, user_name: str = "", secret: str = "") -> Tenant:
    """Enter the tenant that the path names.

    A shared authority such as /common is decided by the secret that is redeemed, or by the user who signs in.
    """
    name = call.parameters["tenant"]
    if name.lower() in identity.SHARED_AUTHORITIES:
        name = grants.tenant_of_secret(secret) or name
    tenant = await _tenant_with_id(call, name)
    if tenant is None:
        tenant = await call.site.store.read(SYSTEM, lambda tx: identity.resolve_tenant(tx, name, user_name))
    return await call.enter(tenant.id)


def tenant_of(call: Call) -> Tenant:
    """Return the tenant that the resolve step entered."""
    assert call.tenant is not None  # noqa: S101 - every operation with a tenant in its path has that step
    return call.tenant


async def enter_tenant_of_path(call: Call) -> None:
    """The resolve step of endpoints whose path alone names the tenant."""
    await enter_tenant(call)


async def _tenant_with_id(call: Call, name: str) -> Tenant | None:
    """Return the tenant, which the store caches by its id."""
    try:
        return await call.site.store.tenant(name.lower())
    except NotFound:
        return None


def redeemed_secret(form: Form) -> str:
    """Return the secret that the form redeems, if any."""
    return next((form[name] for name in _REDEEMABLE if form.get(name)), "")


def check_specific(call: Call, shared: frozenset[str]) -> None:
    """Refuse an authority of `shared` for a grant that needs a tenant of its own."""
    name = call.parameters["tenant"].lower()
    if name in shared:
        raise Refusal(
            RefusalKind.INVALID,
            f"The grant type is not supported over the /{name} endpoint. Use the id or a domain of a tenant.",
            reason="tenant-not-specific",
        )


def read_credential(call: Call, form: Form) -> Credential:
    """Return the client id and its proof: in the form, or as HTTP Basic (RFC 6749 section 2.3.1)."""
    assertion = None
    if form.get("client_assertion"):
        assertion = JoseStatement(form["client_assertion"], CLIENT_ALGORITHMS, "assertion-malformed")
    app_id, secret = _basic(call.request.headers.get("Authorization", ""))
    app_id = form.get("client_id") or app_id or str(assertion.claims.get("sub", "") if assertion else "")
    call.facts["client"] = app_id
    return Credential(
        app_id=app_id,
        secret=form.get("client_secret") or secret,
        assertion=assertion,
        received_at=call.site.now(),
    )


def read_scope(call: Call, fields: Form) -> str:
    """The scopes asked for. The v1 endpoints know `resource` instead, which means all that is consented there."""
    resource = fields.get("resource", "")
    if call.version != V2 and resource:
        return f"{resource}/.default openid profile offline_access"
    if resource:
        raise Refusal(
            RefusalKind.INVALID,
            "The 'resource' request parameter is not supported on v2.0. Put the resource into 'scope'.",
            reason="resource-on-v2",
        )
    return fields.get("scope", "")


def unwrap(outcome: Any) -> Any:
    """The result of a unit that returns its refusal so that its changes are kept; the refusal is raised here."""
    if isinstance(outcome, Refusal):
        raise outcome
    return outcome


def _basic(authorization: str) -> tuple[str, str | None]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return "", None
    app_id, _, secret = text.partition(":")
    return unquote_plus(app_id), unquote_plus(secret)
