"""The claims of tokens.

Follows "Access token claims reference" and "ID token claims reference" of the Microsoft identity platform.

Tokens for Microsoft's own resources have version 1.0, whichever endpoint gave them; tokens for applications of the
tenant and id_tokens of the v2.0 endpoint have version 2.0.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from upsim.domain.tenant import Tenant
from upsim.server.context import Call
from upsim.services.grants import Grant
from upsim.services.sessions import REFRESHED_SECONDS

REGION = "NA"
INSTANT_DIGITS_MAX = 12


def access_token(call: Call, grant: Grant, asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return the claims of an access token; capabilities in `asked`, the `claims` parameter, become `xms_cc`."""
    claims = {
        "aud": grant.resource.audience,
        **_times(grant),
        **(_custom(call, grant) if grant.resource.is_custom else _first_party(call, grant)),
        "rh": _opaque("rh", grant.tenant.id, grant.application.id),
        "tenant_region_scope": REGION,
        "tid": grant.tenant.id,
        "uti": unique_identifier(call),
    }
    earliest = _asked_value(asked, "nbf")
    if earliest.isdecimal() and len(earliest) <= INSTANT_DIGITS_MAX:  # the answer to a claims challenge
        claims["nbf"] = max(claims["nbf"], min(int(earliest), claims["iat"] + REFRESHED_SECONDS))
    capabilities = _member(asked, "xms_cc").get("values")
    return claims | ({"xms_cc": list(map(str, capabilities))} if isinstance(capabilities, list) else {})


def id_token(call: Call, grant: Grant, *, is_v2: bool) -> dict[str, Any]:
    """Return the claims about the user who signed in (OpenID Connect Core section 2)."""
    user = grant.user
    if user is None:
        raise ValueError("an id_token is about a user")
    claims: dict[str, Any] = {
        "aud": grant.application.id,
        "iss": issuer(call, grant.tenant, is_v2=is_v2),
        **_times(grant),
        "name": user.display_name,
        "oid": user.id,
        "rh": _opaque("rh", grant.tenant.id, grant.application.id),
        "sub": pairwise(user.id, grant.application.id),
        "tid": grant.tenant.id,
        "uti": unique_identifier(call),
        "ver": "2.0" if is_v2 else "1.0",
    }
    if is_v2:
        claims["preferred_username"] = user.user_principal_name
    else:
        claims |= {"upn": user.user_principal_name, "unique_name": user.user_principal_name}
    if "email" in grant.openid:
        claims["email"] = user.user_principal_name
    return claims | ({"nonce": grant.nonce} if grant.nonce else {})


def client_info(grant: Grant) -> str:
    """`client_info`: without it MSAL keeps no account."""
    if grant.user is None:
        raise ValueError("client_info is about a user")
    return _base64url(orjson.dumps({"uid": grant.user.id, "utid": grant.tenant.id}))


def issuer(call: Call, tenant: Tenant, *, is_v2: bool, name: str = "") -> str:
    """Return the tenant's issuer: this server or Microsoft, by its settings. `name` stands for the tenant."""
    identifier = name or tenant.id
    if tenant.settings.tokens.issuer == "microsoft":
        host = "https://login.microsoftonline.com" if is_v2 else "https://sts.windows.net"
    else:
        host = call.base_url
    return f"{host}/{identifier}/v2.0" if is_v2 else f"{host}/{identifier}/"


def asked_of_access_token(fields: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the part of the `claims` parameter for the access token (OpenID Connect Core section 5.5)."""
    try:
        asked = orjson.loads(fields.get("claims") or "{}")
    except orjson.JSONDecodeError:
        return {}
    return _member(asked, "access_token")


def _member(asked: Any, name: str) -> Mapping[str, Any]:
    found = asked.get(name) if isinstance(asked, dict) else None
    return found if isinstance(found, dict) else {}


def _asked_value(asked: Mapping[str, Any], name: str) -> str:
    return str(_member(asked, name).get("value", ""))


def unique_identifier(call: Call) -> str:
    """`uti`: Entra makes it from the request's id."""
    try:
        return _base64url(bytes.fromhex(call.request_id.replace("-", "")))
    except ValueError:
        return call.request_id


def pairwise(user_id: str, app_id: str) -> str:
    """`sub`: one user has another at every application (OpenID Connect Core section 8.1)."""
    return _opaque(user_id, app_id)


def _times(grant: Grant) -> dict[str, int]:
    """Return the token's times on the tenant's clock."""
    issued = int(grant.issued_at.timestamp())
    return {"iat": issued, "nbf": issued, "exp": issued + grant.valid_seconds}


def _first_party(call: Call, grant: Grant) -> dict[str, Any]:
    claims = {
        "iss": issuer(call, grant.tenant, is_v2=False),
        "app_displayname": grant.application.display_name,
        "appid": grant.application.id,
        "appidacr": str(grant.proof),
        "ver": "1.0",
    }
    if grant.user is not None:
        user = grant.user
        shown = [scope for scope in grant.openid if scope != "offline_access"]
        return claims | {
            "acct": 0,
            "acr": "1",
            "amr": _methods(grant),
            "idtyp": "user",
            "ipaddr": call.request.connection.remote,
            "name": user.display_name,
            "oid": user.id,
            "scp": " ".join([*grant.permissions, *shown]),
            "sub": pairwise(user.id, grant.resource.app_id),
            "unique_name": user.user_principal_name,
            "upn": user.user_principal_name,
            "wids": [str(role) for role in user.roles],
        }
    return claims | _without_user(call, grant)


def _custom(call: Call, grant: Grant) -> dict[str, Any]:
    claims = {
        "iss": issuer(call, grant.tenant, is_v2=True),
        "azp": grant.application.id,
        "azpacr": str(grant.proof),
        "ver": "2.0",
    }
    if grant.user is not None:
        return claims | {
            "name": grant.user.display_name,
            "oid": grant.user.id,
            "preferred_username": grant.user.user_principal_name,
            "scp": " ".join(grant.permissions),
            "sub": pairwise(grant.user.id, grant.resource.app_id),
        }
    return claims | _without_user(call, grant)


def _without_user(call: Call, grant: Grant) -> dict[str, Any]:
    """Return an application's own token, or a printer's: the subject is the service principal or the device."""
    subject = grant.printer_id or grant.application.service_principal_id
    claims: dict[str, Any] = {
        "idp": issuer(call, grant.tenant, is_v2=False),
        "idtyp": "device" if grant.printer_id else "app",
        "oid": subject,
        "sub": subject,
    }
    if grant.printer_id:
        claims["deviceid"] = grant.printer_id
    return claims | ({"roles": list(grant.permissions)} if grant.permissions else {})


def _methods(grant: Grant) -> list[str]:
    """`amr` (RFC 8176)."""
    return ["pwd", "mfa"] if grant.is_multi_factor else ["pwd"]


def _opaque(*parts: str) -> str:
    """Return a stable identifier without meaning."""
    return _base64url(hashlib.sha256("/".join(parts).encode()).digest())


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
