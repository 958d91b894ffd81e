"""Refusals of the control API: `{"error": {"code", "message"}}`, the code being the fault's own name."""

from typing import Any

from aiohttp import web

from upsim.domain.faults import Fault, Refused
from upsim.server.context import Call, json_response

STATUS: dict[Fault, int] = {
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


def refuse(call: Call, refused: Refused) -> web.Response:
    """The refusal as JSON, with the reason keyword where there is one."""
    error: dict[str, Any] = {
        "code": refused.fault.name.lower(),
        "message": refused.detail,
        "reason": refused.reason or None,
    }
    if problems := refused.facts.get("problems"):
        error["problems"] = problems
    headers = {"request-id": call.request_id}
    if refused.fault is Fault.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="upsim control API"'
    if allowed := refused.facts.get("allowed"):
        headers["Allow"] = allowed
    return json_response({"error": error}, STATUS[refused.fault], headers)
