"""Refusals of the badge interfaces: `{"error": {"code", "message"}}`; clients read the status."""

from aiohttp import web

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.server.refusals import ERROR_CODES, HTTP_STATUS, refuse_by_code

CODES = {
    **ERROR_CODES,
    RefusalKind.GONE: "NotFound",
    RefusalKind.ALREADY_EXISTS: "Conflict",
    RefusalKind.NOT_POSSIBLE: "Conflict",
    RefusalKind.NOT_FETCHABLE: "Conflict",
    RefusalKind.NOT_EMULATED: "NotImplemented",
}

STATUS = {**HTTP_STATUS, RefusalKind.GONE: 404}


def refuse(call: Call, refusal: Refusal) -> web.Response:
    """Return the refusal as JSON."""
    return refuse_by_code(call, refusal, STATUS[refusal.kind], CODES[refusal.kind])
