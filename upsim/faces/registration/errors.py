"""Refusals of the registration service.

Its documentation shows no error body; its clients print status and body. upsim answers
`{"error": {"code", "message"}}`.
"""

from aiohttp import web

from upsim.domain.faults import Refused
from upsim.server.context import Call
from upsim.server.refusals import ERROR_CODES, HTTP_STATUS, refuse_by_code

CODES = ERROR_CODES


def refuse(call: Call, refused: Refused) -> web.Response:
    """The refusal as JSON."""
    code = refused.facts.get("code", CODES[refused.fault])
    return refuse_by_code(call, refused, HTTP_STATUS[refused.fault], code)
