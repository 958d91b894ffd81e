"""Forged tokens, signing keys, sign-ins on a device, and why sign-ins were refused."""

from collections.abc import Sequence
from typing import Any, Literal, TypedDict, Unpack

from upsim.client.ask import Ask, Json, asked, camel, given, segment, tenant_path, values


class TokenOptions(TypedDict, total=False):
    """What the token shall say. Whatever is left out is as in a token that would have been granted."""

    application: str | None
    user: str | None
    printer: str | None
    resource: str | None
    audience: str | None
    permissions: Sequence[str] | None
    valid_seconds: int | None
    claims: dict[str, Any] | None
    key: Literal["upsim", "stranger", "unknown"] | None


def forge(tenant: str, **options: Unpack[TokenOptions]) -> Ask[Json]:
    """`accessToken` as the test wishes it, and its `claims`."""
    return Ask("POST", "/_upsim/tokens", dict, {"tenant": tenant, **camel(given(**options))})


def rotate_keys() -> Ask[Json]:
    """Sign with a new key from now on; the one before still verifies."""
    return Ask("POST", "/_upsim/signing-keys", dict)


def approve(user_code: str, user: str) -> Ask[Json]:
    """Approve a device sign-in in the name of a user."""
    body = {"userPrincipalName": user}
    return Ask("POST", f"/_upsim/device-codes/{segment(user_code)}/approve", dict, body)


def deny(user_code: str) -> Ask[Json]:
    """Decline a device sign-in."""
    return Ask("POST", f"/_upsim/device-codes/{segment(user_code)}/deny", dict)


def refusals(tenant: str, limit: int = 100) -> Ask[list[Json]]:
    """Refused sign-ins and token requests with why, the newest first."""
    return Ask("GET", asked(tenant_path(tenant, "/sign-in-refusals"), limit=limit), values)


def refusals_without_tenant(limit: int = 100) -> Ask[list[Json]]:
    """Those of requests that named no tenant of this server."""
    return Ask("GET", asked("/_upsim/sign-in-refusals", limit=limit), values)
