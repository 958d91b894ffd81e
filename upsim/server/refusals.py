"""What refusals of every API have in common: their HTTP status and the headers that say how to go on.

An API that has words of its own for a refusal (Graph, Entra, IPP) keeps them in its `errors.py`.
"""

from collections.abc import Mapping

from aiohttp import web

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, json_response

HTTP_STATUS: Mapping[RefusalKind, int] = {
    RefusalKind.UNAUTHENTICATED: 401,
    RefusalKind.FORBIDDEN: 403,
    RefusalKind.NOT_FOUND: 404,
    RefusalKind.GONE: 410,
    RefusalKind.ALREADY_EXISTS: 409,
    RefusalKind.INVALID: 400,
    RefusalKind.NOT_POSSIBLE: 409,
    RefusalKind.NOT_FETCHABLE: 409,
    RefusalKind.FORMAT_UNSUPPORTED: 415,
    RefusalKind.TOO_LARGE: 413,
    RefusalKind.ATTRIBUTES_UNSUPPORTED: 400,
    RefusalKind.CONFLICTING: 400,
    RefusalKind.PRECONDITION: 412,
    RefusalKind.METHOD_NOT_ALLOWED: 405,
    RefusalKind.THROTTLED: 429,
    RefusalKind.NOT_ACCEPTING: 503,
    RefusalKind.NOT_EMULATED: 501,
    RefusalKind.UNAVAILABLE: 503,
    RefusalKind.INTERNAL: 500,
}
"""The status of each kind where an API's protocol does not have another for it (RFC 9110 section 15)."""

ERROR_CODES: Mapping[RefusalKind, str] = {
    RefusalKind.UNAUTHENTICATED: "Unauthenticated",
    RefusalKind.FORBIDDEN: "Forbidden",
    RefusalKind.NOT_FOUND: "NotFound",
    RefusalKind.GONE: "Gone",
    RefusalKind.ALREADY_EXISTS: "AlreadyExists",
    RefusalKind.INVALID: "BadRequest",
    RefusalKind.NOT_POSSIBLE: "NotPossible",
    RefusalKind.NOT_FETCHABLE: "NotPossible",
    RefusalKind.FORMAT_UNSUPPORTED: "UnsupportedMediaType",
    RefusalKind.TOO_LARGE: "TooLarge",
    RefusalKind.ATTRIBUTES_UNSUPPORTED: "BadRequest",
    RefusalKind.CONFLICTING: "BadRequest",
    RefusalKind.PRECONDITION: "PreconditionFailed",
    RefusalKind.METHOD_NOT_ALLOWED: "MethodNotAllowed",
    RefusalKind.THROTTLED: "TooManyRequests",
    RefusalKind.NOT_ACCEPTING: "Unavailable",
    RefusalKind.NOT_EMULATED: "NotEmulated",
    RefusalKind.UNAVAILABLE: "Unavailable",
    RefusalKind.INTERNAL: "InternalError",
}
"""The code of each kind in the bodies of services whose own codes are not known."""


def remedies(refusal: Refusal) -> dict[str, str]:
    """`Retry-After` and `Allow` (RFC 9110 sections 10.2.3 and 10.2.1), as far as the refusal knows them."""
    headers: dict[str, str] = {}
    if (seconds := refusal.facts.get("retry_after_seconds")) is not None:
        headers["Retry-After"] = str(seconds)
    if allowed := refusal.facts.get("allowed"):
        headers["Allow"] = str(allowed)
    return headers


def refuse_by_code(call: Call, refusal: Refusal, status: int, code: str) -> web.Response:
    """`{"error": {"code", "message"}}` with correlation headers, for services whose error bodies are not known."""
    headers = {"request-id": call.request_id, "client-request-id": call.client_request_id, **remedies(refusal)}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return json_response({"error": {"code": code, "message": refusal.detail}}, status, headers)
