"""Refusals of Microsoft Graph: one status and code for each `RefusalKind`, and the words of some reasons.

The envelope is OData's, with Graph's `innerError` (reference: "Microsoft Graph error responses and resource
types"). Facts beyond Graph's own sentence, such as which permissions the call needs, are in
`error.details`, which clients read as a list of code, message and target.
"""

from datetime import UTC
from typing import Any, NamedTuple

from aiohttp import hdrs, web
from multidict import CIMultiDict, istr

from upsim.apis.graph.selection import ALL_MEMBERS, NO_METADATA, PREFER
from upsim.domain.clouds import Service
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, json_response
from upsim.server.refusals import remedies

LEDGER = "/_upsim/operations"
"""Where a running upsim lists what it emulates and what not."""

_GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"


class WireError(NamedTuple):
    """An HTTP status and Graph's `error.code`. `message` stands in for the refusal's own sentence."""

    status: int
    code: str
    message: str = ""


BY_KIND: dict[RefusalKind, WireError] = {
    RefusalKind.UNAUTHENTICATED: WireError(401, "InvalidAuthenticationToken"),
    RefusalKind.FORBIDDEN: WireError(403, "Forbidden"),
    RefusalKind.NOT_FOUND: WireError(404, "NotFound"),
    RefusalKind.GONE: WireError(410, "Gone"),
    RefusalKind.ALREADY_EXISTS: WireError(409, "Conflict"),
    RefusalKind.INVALID: WireError(400, "BadRequest"),
    RefusalKind.NOT_POSSIBLE: WireError(409, "Conflict"),
    RefusalKind.NOT_FETCHABLE: WireError(409, "Conflict"),
    RefusalKind.FORMAT_UNSUPPORTED: WireError(415, "UnsupportedMediaType"),
    RefusalKind.TOO_LARGE: WireError(413, "RequestEntityTooLarge"),
    RefusalKind.ATTRIBUTES_UNSUPPORTED: WireError(400, "BadRequest"),
    RefusalKind.CONFLICTING: WireError(400, "BadRequest"),
    RefusalKind.PRECONDITION: WireError(412, "PreconditionFailed"),
    RefusalKind.METHOD_NOT_ALLOWED: WireError(405, "MethodNotAllowed"),
    RefusalKind.THROTTLED: WireError(429, "TooManyRequests", "Please retry again later."),
    RefusalKind.NOT_ACCEPTING: WireError(503, "ServiceUnavailable"),
    RefusalKind.NOT_EMULATED: WireError(501, "NotImplemented"),
    RefusalKind.UNAVAILABLE: WireError(503, "ServiceUnavailable"),
    RefusalKind.INTERNAL: WireError(500, "InternalServerError"),
}

REASONS: dict[str, WireError] = {
    "segment-unknown": WireError(400, "BadRequest"),
    "scope-missing": WireError(
        403, "UnknownError", '"The token does not have one or more required security scopes."'
    ),
    "directory-object-unknown": WireError(404, "Request_ResourceNotFound"),
    "reference-exists": WireError(
        400, "Request_BadRequest", "One or more added object references already exist for the following property."
    ),
    "range-overlap": WireError(416, "invalidRange"),
    "range-exceeds": WireError(416, "invalidRange"),
    "fragment-length": WireError(400, "fragmentLengthMismatch"),
    "fragment-too-large": WireError(413, "maxFragmentLengthExceeded"),
    "upload-token": WireError(401, "unauthenticated"),
    "connector-in-use": WireError(
        409, "Conflict", "Before deleting the connector, please unregister the associated printers."
    ),
    "subscription-validation": WireError(400, "ValidationError"),
}
"""Refusals for which Graph has more specific words (docs/reference of the calls; `connector-in-use` and
`scope-missing` are written exactly so by the service)."""


def wire_error(refusal: Refusal) -> WireError:
    """Status, code and message of a refusal."""
    found = REASONS.get(refusal.reason) or BY_KIND[refusal.kind]
    return found if found.message else found._replace(message=refusal.detail)


def refuse(call: Call, refusal: Refusal) -> web.Response:
    """Write a refusal as Graph does."""
    error = wire_error(refusal)
    return json_response({"error": _error(call, error, refusal)}, error.status, _headers(call, error, refusal))


def _error(call: Call, error: WireError, refusal: Refusal) -> dict[str, Any]:
    code, message = refusal.facts.get("code", error.code), refusal.facts.get("message", error.message)
    body: dict[str, Any] = {"code": code, "message": message}
    if error.status == 501:
        body["message"] += f" What upsim emulates is listed at {call.base_url}{LEDGER}."
    if target := refusal.facts.get("target"):
        body["target"] = str(target)
    if message != refusal.detail:
        body["details"] = [{"code": refusal.reason or refusal.kind.name.lower(), "message": refusal.detail}]
    body["innerError"] = {
        "date": call.instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": call.request_id,
        "client-request-id": call.client_request_id,
    }
    if error.status == 429:
        body["innerError"] |= _THROTTLED
    return body


def _headers(call: Call, error: WireError, refusal: Refusal) -> dict[str, str]:
    headers = remedies(refusal)
    if error.status == 401:
        headers["WWW-Authenticate"] = (
            f'Bearer realm="", authorization_uri="{_authorization_uri(call)}", client_id="{_GRAPH_APP_ID}"'
        )
        if claims := refusal.facts.get("claims"):
            headers["WWW-Authenticate"] += f', error="insufficient_claims", claims="{claims}"'
    return headers


def _authorization_uri(call: Call) -> str:
    """Return where to get a token: upsim's own sign-in, or that of the cloud whose name the client used."""
    return f"{call.url_of(Service.LOGIN)}/common/oauth2/authorize"


def decorate(call: Call, response: web.StreamResponse) -> None:
    """Headers that every answer of Graph carries."""
    headers, asked = response.headers, call.request.headers
    request_id = call.request_id
    headers[_REQUEST_ID] = request_id
    headers[_CLIENT_REQUEST_ID] = asked.get(_CLIENT_REQUEST_ID) or request_id
    headers.update(_STANDING)
    preferred = asked.get(PREFER)
    if preferred is not None and ALL_MEMBERS in preferred.lower():
        headers["Preference-Applied"] = ALL_MEMBERS
    if call.version and headers.get(hdrs.CONTENT_TYPE) == "application/json":
        headers[hdrs.CONTENT_TYPE] = _BARE_JSON if NO_METADATA in asked.get(hdrs.ACCEPT, "") else _JSON


_JSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_BARE_JSON = _JSON.replace("minimal", "none")
_DIAGNOSTIC = (
    '{"ServerInfo":{"DataCenter":"upsim","Slice":"E","Ring":"5","ScaleUnit":"001","RoleInstance":"UPSIM000001"}}'
)
_THROTTLED = {"code": "429", "status": "429", "message": "Please retry after"}
# `istr` is folded to lower case once, where a plain name is at every answer.
_REQUEST_ID, _CLIENT_REQUEST_ID = istr("request-id"), istr("client-request-id")
_STANDING = CIMultiDict(
    {
        "x-ms-ags-diagnostic": _DIAGNOSTIC,
        "Strict-Transport-Security": "max-age=31536000",
        "OData-Version": "4.0",
    }
)
