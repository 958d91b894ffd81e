"""Refusals of the registration service.

Its documentation shows no error body; its clients print status and body. upsim answers
`{"error": {"code", "message"}}`.
"""

from aiohttp import web

from upsim.domain.faults import Fault, Refused
from upsim.server.context import Call
from upsim.server.refusals import HTTP_STATUS, refuse_by_code

CODES: dict[Fault, str] = {
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


def refuse(call: Call, refused: Refused) -> web.Response:
    """The refusal as JSON."""
    code = refused.facts.get("code", CODES[refused.fault])
    return refuse_by_code(call, refused, HTTP_STATUS[refused.fault], code)
