"""What refusals of every face have in common: their HTTP status and the headers that say how to go on.

A face that has words of its own for a fault (Graph, Entra, IPP) keeps them in its `errors.py`.
"""

from collections.abc import Mapping

from aiohttp import web

from upsim.domain.faults import Fault, Refused
from upsim.server.context import Call, json_response

HTTP_STATUS: Mapping[Fault, int] = {
    Fault.UNAUTHENTICATED: 401,
    Fault.FORBIDDEN: 403,
    Fault.NOT_FOUND: 404,
    Fault.GONE: 410,
    Fault.ALREADY_EXISTS: 409,
    Fault.INVALID: 400,
    Fault.NOT_POSSIBLE: 409,
    Fault.NOT_FETCHABLE: 409,
    Fault.FORMAT_UNSUPPORTED: 415,
    Fault.TOO_LARGE: 413,
    Fault.ATTRIBUTES_UNSUPPORTED: 400,
    Fault.CONFLICTING: 400,
    Fault.PRECONDITION: 412,
    Fault.METHOD_NOT_ALLOWED: 405,
    Fault.THROTTLED: 429,
    Fault.NOT_ACCEPTING: 503,
    Fault.NOT_EMULATED: 501,
    Fault.UNAVAILABLE: 503,
    Fault.INTERNAL: 500,
}
"""The status of each fault where a face's protocol does not have another for it (RFC 9110 section 15)."""

ERROR_CODES: Mapping[Fault, str] = {
    Fault.UNAUTHENTICATED: "Unauthenticated",
    Fault.FORBIDDEN: "Forbidden",
    Fault.NOT_FOUND: "NotFound",
    Fault.GONE: "Gone",
    Fault.ALREADY_EXISTS: "AlreadyExists",
    Fault.INVALID: "BadRequest",
    Fault.NOT_POSSIBLE: "NotPossible",
    Fault.NOT_FETCHABLE: "NotPossible",
    Fault.FORMAT_UNSUPPORTED: "UnsupportedMediaType",
    Fault.TOO_LARGE: "TooLarge",
    Fault.ATTRIBUTES_UNSUPPORTED: "BadRequest",
    Fault.CONFLICTING: "BadRequest",
    Fault.PRECONDITION: "PreconditionFailed",
    Fault.METHOD_NOT_ALLOWED: "MethodNotAllowed",
    Fault.THROTTLED: "TooManyRequests",
    Fault.NOT_ACCEPTING: "Unavailable",
    Fault.NOT_EMULATED: "NotEmulated",
    Fault.UNAVAILABLE: "Unavailable",
    Fault.INTERNAL: "InternalError",
}
"""The code of each fault in the bodies of services whose own codes are not known."""


def remedies(refused: Refused) -> dict[str, str]:
    """`Retry-After` and `Allow` (RFC 9110 sections 10.2.3 and 10.2.1), as far as the refusal knows them."""
    headers: dict[str, str] = {}
    if (seconds := refused.facts.get("retry_after_seconds")) is not None:
        headers["Retry-After"] = str(seconds)
    if allowed := refused.facts.get("allowed"):
        headers["Allow"] = str(allowed)
    return headers


def refuse_by_code(call: Call, refused: Refused, status: int, code: str) -> web.Response:
    """`{"error": {"code", "message"}}` with correlation headers, for services whose error bodies are not known."""
    headers = {"request-id": call.request_id, "client-request-id": call.client_request_id, **remedies(refused)}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    return json_response({"error": {"code": code, "message": refused.detail}}, status, headers)
