"""Refusals of the control API: `{"error": {"code", "message"}}`, the code being the fault's own name."""

from typing import Any

from aiohttp import web

from upsim.domain.faults import Fault, Refused
from upsim.server.context import Call, json_response
from upsim.server.refusals import HTTP_STATUS, remedies


def refuse(call: Call, refused: Refused) -> web.Response:
    """The refusal as JSON, with the reason keyword where there is one."""
    error: dict[str, Any] = {
        "code": refused.fault.name.lower(),
        "message": refused.detail,
        "reason": refused.reason or None,
    }
    if problems := refused.facts.get("problems"):
        error["problems"] = problems
    headers = {"request-id": call.request_id, **remedies(refused)}
    if refused.fault is Fault.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="upsim control API"'
    return json_response({"error": error}, HTTP_STATUS[refused.fault], headers)
