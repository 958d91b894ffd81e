"""Refusals of the registration service.

Its documentation shows no error body; its clients print status and body. upsim answers
`{"error": {"code", "message"}}`.
"""

from aiohttp import web

from upsim.domain.refusals import Refusal
from upsim.server.context import Call
from upsim.server.refusals import ERROR_CODES, HTTP_STATUS, refuse_by_code

CODES = ERROR_CODES


def refuse(call: Call, refusal: Refusal) -> web.Response:
    """Return the refusal as JSON."""
    code = refusal.facts.get("code", CODES[refusal.kind])
    return refuse_by_code(call, refusal, HTTP_STATUS[refusal.kind], code)
