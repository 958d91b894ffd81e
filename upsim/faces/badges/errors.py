"""Refusals of the badge interfaces: `{"error": {"code", "message"}}`; clients read the status."""

from aiohttp import web

from upsim.domain.faults import Fault, Refused
from upsim.server.context import Call
from upsim.server.refusals import ERROR_CODES, HTTP_STATUS, refuse_by_code

CODES = {
    **ERROR_CODES,
    Fault.GONE: "NotFound",
    Fault.ALREADY_EXISTS: "Conflict",
    Fault.NOT_POSSIBLE: "Conflict",
    Fault.NOT_FETCHABLE: "Conflict",
    Fault.NOT_EMULATED: "NotImplemented",
}

STATUS = {**HTTP_STATUS, Fault.GONE: 404}


def refuse(call: Call, refused: Refused) -> web.Response:
    """The refusal as JSON."""
    return refuse_by_code(call, refused, STATUS[refused.fault], CODES[refused.fault])
