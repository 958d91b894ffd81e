"""The token endpoint (RFC 6749 section 3.2): one path, a row for each grant type.

The JWT bearer type serves two grants, told apart by the parameter that carries the JWT; the row's path names it
after a question mark.
"""

from aiohttp import web

from upsim.apis.entra.grants import (
    authorization_code,
    client_credentials,
    device_code,
    device_token,
    on_behalf_of,
    password,
    refresh_token,
)
from upsim.apis.entra.requests import Form, enter_tenant, read_form, redeemed_secret
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, Handler
from upsim.server.operation import Evidence, Open, Operation
from upsim.services.client_authentication import parameter_missing

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"

_FLOWS = "https://learn.microsoft.com/entra/identity-platform/"
_PRINTERS = "https://learn.microsoft.com/universal-print/hardware/universal-print-oem-printer-device-token"


def _grant(name: str, grant_type: str, handler: Handler, source: str, summary: str) -> Operation:
    return Operation(
        id=f"entra.token.{name}",
        method="GRANT",
        path=grant_type,
        handler=handler,
        access=Open.ANYONE,
        evidence=Evidence("documented", source),
        summary=summary,
    )


GRANTS: tuple[Operation, ...] = (
    _grant(
        "authorization-code",
        "authorization_code",
        authorization_code.redeem,
        _FLOWS + "v2-oauth2-auth-code-flow",
        "Redeem an authorization code, with PKCE.",
    ),
    _grant(
        "client-credentials",
        "client_credentials",
        client_credentials.redeem,
        _FLOWS + "v2-oauth2-client-creds-grant-flow",
        "A token for an application itself, by secret or certificate.",
    ),
    _grant(
        "device-code",
        DEVICE_CODE,
        device_code.redeem,
        _FLOWS + "v2-oauth2-device-code",
        "Poll for the tokens of a device sign-in.",
    ),
    _grant(
        "device-code-short",
        "device_code",
        device_code.redeem,
        _FLOWS + "v2-oauth2-device-code",
        "The same under the grant type that msal-node sends.",
    ),
    _grant(
        "refresh-token",
        "refresh_token",
        refresh_token.redeem,
        _FLOWS + "v2-oauth2-auth-code-flow#refresh-the-access-token",
        "New tokens for a refresh token, also for another resource.",
    ),
    _grant(
        "password",
        "password",
        password.redeem,
        _FLOWS + "v2-oauth-ropc",
        "A user's tokens for name and password.",
    ),
    _grant(
        "on-behalf-of",
        JWT_BEARER + "?assertion",
        on_behalf_of.redeem,
        _FLOWS + "v2-oauth2-on-behalf-of-flow",
        "A service trades its caller's token.",
    ),
    _grant(
        "device-challenge",
        "srv_challenge",
        device_token.challenge,
        _PRINTERS,
        "A nonce for a printer's token request.",
    ),
    _grant(
        "device-token",
        JWT_BEARER + "?request",
        device_token.redeem,
        _PRINTERS,
        "A printer's token for its signed request.",
    ),
)

_BY_TYPE = {row.path: row for row in GRANTS}


async def resolve(call: Call) -> Operation:
    """Return the resolve step: the form names the grant, and the path or a secret in the form the tenant."""
    form = await read_form(call)
    is_device = form.get("grant_type") == JWT_BEARER and bool(form.get("request"))
    secret = device_token.nonce_of(form) if is_device else redeemed_secret(form)
    await enter_tenant(call, user_name=form.get("username", ""), secret=secret)
    return _grant_of(form)


async def not_reached(call: Call) -> web.StreamResponse:
    """Return the handler of the token endpoint, which `resolve` always leads away from."""
    raise AssertionError(f"{call.request.path} was not resolved to a grant")


def _grant_of(form: Form) -> Operation:
    grant_type = form.get("grant_type", "")
    if not grant_type:
        raise parameter_missing("grant_type")
    if grant_type == JWT_BEARER:
        grant_type += "?request" if form.get("request") else "?assertion"
    row = _BY_TYPE.get(grant_type)
    if row is None:
        known = ", ".join(dict.fromkeys(path.partition("?")[0] for path in _BY_TYPE))
        raise Refusal(
            RefusalKind.INVALID,
            f"The app requested an unsupported grant type '{grant_type}'. Supported are: {known}.",
            reason="grant-unknown",
        )
    return row
