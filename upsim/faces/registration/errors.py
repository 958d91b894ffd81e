"""Refusals of the registration service.

Its documentation shows no error body; its clients print status and body. upsim answers
`{"error": {"code", "message"}}`.
"""

from aiohttp import web

from upsim.domain.faults import Fault, Refused
from upsim.server.context import Call, json_response

STATUS: dict[Fault, tuple[int, str]] = {
    Fault.UNAUTHENTICATED: (401, "Unauthenticated"),
    Fault.FORBIDDEN: (403, "Forbidden"),
    Fault.NOT_FOUND: (404, "NotFound"),
    Fault.GONE: (410, "Gone"),
    Fault.ALREADY_EXISTS: (409, "AlreadyExists"),
    Fault.INVALID: (400, "BadRequest"),
    Fault.NOT_POSSIBLE: (409, "NotPossible"),
    Fault.NOT_FETCHABLE: (409, "NotPossible"),
    Fault.FORMAT_UNSUPPORTED: (415, "UnsupportedMediaType"),
    Fault.TOO_LARGE: (413, "TooLarge"),
    Fault.ATTRIBUTES_UNSUPPORTED: (400, "BadRequest"),
    Fault.CONFLICTING: (400, "BadRequest"),
    Fault.PRECONDITION: (412, "PreconditionFailed"),
    Fault.METHOD_NOT_ALLOWED: (405, "MethodNotAllowed"),
    Fault.THROTTLED: (429, "TooManyRequests"),
    Fault.NOT_ACCEPTING: (503, "Unavailable"),
    Fault.NOT_EMULATED: (501, "NotEmulated"),
    Fault.UNAVAILABLE: (503, "Unavailable"),
    Fault.INTERNAL: (500, "InternalError"),
}


def refuse(call: Call, refused: Refused) -> web.Response:
    """The refusal as JSON."""
    status, code = STATUS[refused.fault]
    code = refused.facts.get("code", code)
    headers = {"request-id": call.request_id, "client-request-id": call.client_request_id}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
    if seconds := refused.facts.get("retry_after_seconds"):
        headers["Retry-After"] = str(seconds)
    if allowed := refused.facts.get("allowed"):
        headers["Allow"] = allowed
    return json_response({"error": {"code": code, "message": refused.detail}}, status, headers)
