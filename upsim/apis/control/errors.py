"""Refusals of the control API: `{"error": {"code", "message"}}`, the code being the kind's own name."""

from typing import Any

from aiohttp import web

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, json_response
from upsim.server.refusals import HTTP_STATUS, remedies


def refuse(call: Call, refusal: Refusal) -> web.Response:
    """Return the refusal as JSON, with the reason keyword where there is one."""
    error: dict[str, Any] = {
        "code": refusal.kind.name.lower(),
        "message": refusal.detail,
        "reason": refusal.reason or None,
    }
    if problems := refusal.facts.get("problems"):
        error["problems"] = problems
    headers = {"request-id": call.request_id, **remedies(refusal)}
    if refusal.kind is RefusalKind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = 'Bearer realm="upsim control API"'
    return json_response({"error": error}, HTTP_STATUS[refusal.kind], headers)
