"""Refusals of the badge interfaces: `{"error": {"code", "message"}}`; clients read the status."""

from aiohttp import web

from upsim.domain.faults import Fault, Refused
from upsim.server.context import Call
from upsim.server.refusals import HTTP_STATUS, refuse_by_code

CODES: dict[Fault, str] = {
    Fault.UNAUTHENTICATED: "Unauthenticated",
    Fault.FORBIDDEN: "Forbidden",
    Fault.NOT_FOUND: "NotFound",
    Fault.GONE: "NotFound",
    Fault.ALREADY_EXISTS: "Conflict",
    Fault.INVALID: "BadRequest",
    Fault.NOT_POSSIBLE: "Conflict",
    Fault.NOT_FETCHABLE: "Conflict",
    Fault.FORMAT_UNSUPPORTED: "UnsupportedMediaType",
    Fault.TOO_LARGE: "TooLarge",
    Fault.ATTRIBUTES_UNSUPPORTED: "BadRequest",
    Fault.CONFLICTING: "BadRequest",
    Fault.PRECONDITION: "PreconditionFailed",
    Fault.METHOD_NOT_ALLOWED: "MethodNotAllowed",
    Fault.THROTTLED: "TooManyRequests",
    Fault.NOT_ACCEPTING: "Unavailable",
    Fault.NOT_EMULATED: "NotImplemented",
    Fault.UNAVAILABLE: "Unavailable",
    Fault.INTERNAL: "InternalError",
}

STATUS = {**HTTP_STATUS, Fault.GONE: 404}


def refuse(call: Call, refused: Refused) -> web.Response:
    """The refusal as JSON."""
    return refuse_by_code(call, refused, STATUS[refused.fault], CODES[refused.fault])
