"""Operations of the schema that upsim does not emulate: 501, with a pointer to the list of those it does."""

from aiohttp import web

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call


async def refuse(call: Call) -> web.Response:
    operation = call.operation
    what = f"{operation.method} {operation.path}" if operation else "this call"
    why = operation.note if operation else ""
    raise Refusal(RefusalKind.NOT_EMULATED, f"upsim does not emulate {what}: {why}", reason="not-emulated")
