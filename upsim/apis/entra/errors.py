"""Refusals in Entra's dialect: error words (RFC 6749 section 5.2, RFC 8628 section 3.5) and AADSTS numbers.

The numbers and their meanings are those of "Microsoft Entra authentication and authorization error codes", where a
row's `level` does not say otherwise. A service's `reason` picks the row; `RefusalKind` is the fallback, so that
nothing is ever left without an answer.
"""

from typing import Any, Literal, NamedTuple

from aiohttp import web

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server import hints
from upsim.server.context import Call, json_response
from upsim.server.refusals import remedies


class EntraError(NamedTuple):
    """The error of one kind of refusal. `suberror` is the action that client libraries ask of the user.

    `level` is the evidence for the number: `documented` in Microsoft's list with this meaning, `observed` in
    answers that were published though not in the list, `chosen` where nobody wrote down what the service says.
    """

    number: int
    status: int
    error: str
    suberror: str = ""
    level: Literal["documented", "observed", "chosen"] = "documented"


BY_KIND: dict[RefusalKind, EntraError] = {
    RefusalKind.UNAUTHENTICATED: EntraError(50000, 401, "invalid_client"),
    RefusalKind.FORBIDDEN: EntraError(50105, 403, "access_denied"),
    RefusalKind.NOT_FOUND: EntraError(9002313, 404, "invalid_request"),
    RefusalKind.GONE: EntraError(70008, 400, "invalid_grant"),
    RefusalKind.ALREADY_EXISTS: EntraError(9002313, 409, "invalid_request"),
    RefusalKind.INVALID: EntraError(9002313, 400, "invalid_request"),
    RefusalKind.NOT_POSSIBLE: EntraError(9002313, 400, "invalid_request"),
    RefusalKind.NOT_FETCHABLE: EntraError(9002313, 400, "invalid_request"),
    RefusalKind.FORMAT_UNSUPPORTED: EntraError(9002313, 415, "invalid_request"),
    RefusalKind.TOO_LARGE: EntraError(9002313, 413, "invalid_request"),
    RefusalKind.ATTRIBUTES_UNSUPPORTED: EntraError(9002313, 400, "invalid_request"),
    RefusalKind.CONFLICTING: EntraError(9002313, 400, "invalid_request"),
    RefusalKind.PRECONDITION: EntraError(9002313, 412, "invalid_request"),
    RefusalKind.METHOD_NOT_ALLOWED: EntraError(900561, 405, "invalid_request"),
    RefusalKind.THROTTLED: EntraError(90055, 429, "temporarily_unavailable"),
    RefusalKind.NOT_ACCEPTING: EntraError(90033, 503, "temporarily_unavailable"),
    RefusalKind.NOT_EMULATED: EntraError(70003, 501, "unsupported_grant_type"),
    RefusalKind.UNAVAILABLE: EntraError(90033, 503, "temporarily_unavailable"),
    RefusalKind.INTERNAL: EntraError(50000, 500, "server_error"),
}

REASONS: dict[str, EntraError] = {
    # The authority
    "tenant-unknown": EntraError(90002, 400, "invalid_request"),
    "tenant-malformed": EntraError(900023, 400, "invalid_request", level="observed"),
    "tenant-not-specific": EntraError(9001023, 400, "invalid_request"),
    "instance-unknown": EntraError(50049, 400, "invalid_instance"),
    # The request
    "parameter-missing": EntraError(900144, 400, "invalid_request"),
    "form-malformed": EntraError(9002313, 400, "invalid_request", level="chosen"),
    "grant-unknown": EntraError(70003, 400, "unsupported_grant_type"),
    "scope-malformed": EntraError(70011, 400, "invalid_scope"),
    "scope-resources": EntraError(28000, 400, "invalid_scope", level="observed"),
    "scope-not-default": EntraError(1002012, 400, "invalid_scope", level="observed"),
    "resource-on-v2": EntraError(901002, 400, "invalid_request"),
    "resource-unknown": EntraError(500011, 400, "invalid_resource"),
    "resource-not-required": EntraError(650057, 400, "invalid_resource"),
    # The client
    "application-unknown": EntraError(700016, 400, "unauthorized_client"),
    "secret-wrong": EntraError(7000215, 401, "invalid_client"),
    "secret-expired": EntraError(7000222, 401, "invalid_client"),
    "credential-missing": EntraError(7000218, 401, "invalid_client"),
    "credential-unexpected": EntraError(700025, 401, "invalid_client"),
    "assertion-malformed": EntraError(50027, 401, "invalid_client"),
    "assertion-signature": EntraError(700027, 401, "invalid_client"),
    "assertion-time": EntraError(700024, 401, "invalid_client", level="observed"),
    "assertion-subject": EntraError(700021, 401, "invalid_client", level="observed"),
    "assertion-audience": EntraError(700023, 401, "invalid_client", level="observed"),
    # Authorization requests and codes
    "redirect-unregistered": EntraError(50011, 400, "invalid_request"),
    "redirect-mismatch": EntraError(500112, 400, "invalid_grant", level="observed"),
    "response-type-unsupported": EntraError(700054, 400, "unsupported_response_type"),
    "response-mode-unsupported": EntraError(70007, 400, "invalid_request"),
    "challenge-method-unsupported": EntraError(9002313, 400, "invalid_request", level="chosen"),
    "interaction-needed": EntraError(50058, 400, "login_required"),
    "code-unknown": EntraError(70000, 400, "invalid_grant", level="observed"),
    "code-expired": EntraError(70008, 400, "invalid_grant"),
    "code-redeemed": EntraError(54005, 400, "invalid_grant"),
    "verifier-missing": EntraError(50148, 400, "invalid_grant", level="observed"),
    "verifier-wrong": EntraError(501481, 400, "invalid_grant"),
    "refresh-token-unknown": EntraError(70000, 400, "invalid_grant", "bad_token"),
    "refresh-token-expired": EntraError(700082, 400, "invalid_grant"),
    "refresh-token-revoked": EntraError(50173, 400, "invalid_grant"),
    # Device codes
    "authorization-pending": EntraError(70016, 400, "authorization_pending"),
    "polling-too-fast": EntraError(70016, 400, "slow_down"),
    "device-code-unknown": EntraError(70018, 400, "bad_verification_code"),
    "device-code-expired": EntraError(70019, 400, "expired_token"),
    "device-code-declined": EntraError(65004, 400, "authorization_declined"),
    "user-code-unknown": EntraError(70018, 404, "bad_verification_code"),
    # The user
    "user-unknown": EntraError(50034, 400, "invalid_grant"),
    "password-wrong": EntraError(50126, 400, "invalid_grant"),
    "password-needed": EntraError(50058, 400, "login_required"),
    "user-disabled": EntraError(50057, 400, "invalid_grant"),
    "user-locked": EntraError(50053, 400, "invalid_grant"),
    "second-factor-needed": EntraError(50076, 400, "interaction_required", "basic_action"),
    "sign-in-throttled": EntraError(90055, 429, "temporarily_unavailable", level="chosen"),
    "user-not-assigned": EntraError(50105, 400, "invalid_grant"),
    "origin-foreign": EntraError(9002326, 403, "invalid_request", level="observed"),
    "consent-missing": EntraError(65001, 400, "invalid_grant", "consent_required"),
    "consent-declined": EntraError(65004, 400, "access_denied", "cancel"),
    "administrator-consent-needed": EntraError(90094, 400, "access_denied", "consent_required"),
    # On-behalf-of
    "assertion-invalid": EntraError(50013, 400, "invalid_grant"),
    "assertion-expired": EntraError(500133, 400, "invalid_grant"),
    # Device tokens
    "nonce-invalid": EntraError(140000, 400, "invalid_grant"),
    "device-request-malformed": EntraError(900384, 400, "invalid_request", level="chosen"),
    "device-grant-type": EntraError(900384, 400, "invalid_request", level="chosen"),
    "device-not-proved": EntraError(50012, 400, "invalid_grant", level="chosen"),
    "device-key-wrong": EntraError(50012, 400, "invalid_grant", level="chosen"),
    "device-chain-wrong": EntraError(50017, 400, "invalid_grant", level="chosen"),
    "device-certificate-foreign": EntraError(50155, 400, "invalid_grant", level="chosen"),
    "device-certificate-replaced": EntraError(135010, 400, "invalid_grant", level="chosen"),
    "device-certificate-expired": EntraError(1000502, 400, "invalid_grant", level="chosen"),
    "device-certificate-revoked": EntraError(500183, 400, "invalid_grant", level="chosen"),
    "device-unknown": EntraError(700003, 400, "invalid_grant", level="chosen"),
    "resource-not-for-devices": EntraError(221000, 400, "invalid_grant"),
    # Tokens presented to user info (RFC 6750 section 3.1)
    "token-missing": EntraError(50000, 401, "invalid_token", level="chosen"),
    "token-malformed": EntraError(50027, 401, "invalid_token", level="chosen"),
    "token-signature": EntraError(50013, 401, "invalid_token", level="chosen"),
    "token-expired": EntraError(500133, 401, "invalid_token", level="chosen"),
    "token-audience": EntraError(50013, 401, "invalid_token", level="chosen"),
    "token-tenant": EntraError(90002, 401, "invalid_token", level="chosen"),
    "token-early": EntraError(500133, 401, "invalid_token", level="chosen"),
    "scope-missing": EntraError(50105, 403, "insufficient_scope", level="chosen"),
    "token-kind": EntraError(50105, 403, "insufficient_scope", level="chosen"),
}

DISCOVERY_WORDS = {"tenant-unknown": "invalid_tenant", "tenant-malformed": "invalid_tenant"}
"""Discovery says `invalid_tenant` where the token endpoint says `invalid_request`."""


def entra_error(refusal: Refusal) -> EntraError:
    """Return the row for a refusal."""
    return REASONS.get(refusal.reason) or BY_KIND[refusal.kind]


def refuse(call: Call, refusal: Refusal) -> web.Response:
    """Return the one answer to a refusal: JSON, always, because client libraries fail on anything else."""
    row = entra_error(refusal)
    headers = remedies(refusal)
    if row.status == 401 and row.error == "invalid_token":
        said = refusal.detail.replace('"', "'")
        headers["WWW-Authenticate"] = f'Bearer error="invalid_token", error_description="{said}"'
    return json_response(body(call, refusal), row.status, headers)


def body(call: Call, refusal: Refusal) -> dict[str, Any]:
    """Entra's error object. `timestamp` is the tenant's time, or real time where it is unknown."""
    row = entra_error(refusal)
    timestamp = f"{call.instant:%Y-%m-%d %H:%M:%SZ}"
    value: dict[str, Any] = {
        "error": _word(call, refusal, row),
        "error_description": f"{describe(refusal)} Trace ID: {call.request_id} "
        f"Correlation ID: {call.client_request_id} Timestamp: {timestamp}",
        "error_codes": [row.number],
        "timestamp": timestamp,
        "trace_id": call.request_id,
        "correlation_id": call.client_request_id,
        "error_uri": f"{call.base_url}/error?code={row.number}",
    }
    return value | ({"suberror": row.suberror} if row.suberror else {})


def describe(refusal: Refusal) -> str:
    """Return the number and the sentence, as Entra begins every description."""
    return f"AADSTS{entra_error(refusal).number}: {refusal.detail}"


def _word(call: Call, refusal: Refusal, row: EntraError) -> str:
    if code := refusal.facts.get("code"):
        return str(code)
    is_discovery = call.operation is not None and call.operation.id.startswith("entra.discovery")
    return DISCOVERY_WORDS.get(refusal.reason, row.error) if is_discovery else row.error


def decorate(call: Call, response: web.StreamResponse) -> None:
    """Entra's standing headers (RFC 6749 section 5.1 asks for the first two)."""
    response.headers.setdefault("Cache-Control", "no-store, no-cache")
    response.headers.setdefault("Pragma", "no-cache")
    response.headers["x-ms-request-id"] = call.request_id
    if "client-request-id" in call.request.headers:
        response.headers["client-request-id"] = call.client_request_id
    hints.watch(call)
