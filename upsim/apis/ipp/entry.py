"""The HTTP side of IPP: read the message, find the operation's row, run it.

The gateway has checked that the caller has a valid token before a byte of the body is read. Which permission
the operation needs is checked by `Call.perform`, once the message says which operation it is.
"""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from upsim.apis.ipp.openness import OPEN_OPERATION
from upsim.apis.ipp.reading import read_request
from upsim.apis.ipp.request import IppRequest
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.server.operation import Handler, Operation
from upsim.services import printers, targets

IppHandler = Callable[[IppRequest], Awaitable[web.StreamResponse]]


def serving(rows: Mapping[int, Operation]) -> Handler:
    """The handler of the HTTP rows: any operation of `rows`, by its code."""

    async def serve(call: Call) -> web.StreamResponse:
        request = await read_request(call)
        row = rows.get(request.header.code)
        if row is None:
            raise Refusal(
                RefusalKind.NOT_EMULATED,
                f"Operation 0x{request.header.code:04X} is not supported; see operations-supported.",
                reason="ipp-operation",
            )
        if call.caller.kind == "nobody" and row.code != OPEN_OPERATION:
            raise Refusal(RefusalKind.UNAUTHENTICATED, "This operation needs credentials.", reason="token-missing")
        return await call.perform(row)

    return serve


def operating(handler: IppHandler, *, repeats: bool = False) -> Handler:
    """The handler of an operation's row: the printer found, then `handler` with the request.

    `repeats`: it gets the stamp without which its answers are not repeated.
    """

    async def operate(call: Call) -> web.StreamResponse:
        request: IppRequest = call.content
        if repeats and call.caller.kind != "device":  # whose calls leave a trace
            request.stamp = await call.stamp()
        device, uri, path, _ = request.address
        named = uri or (path if call.caller.kind == "device" else "")
        printer, share = await call.read(targets.find, call.caller, device, named)
        request.target = targets.Target(printer=printer, share=share, settings=call.settings, now=call.instant)
        if call.caller.kind == "device":
            call.caller = targets.speaker(call.caller, request.target)
            if request.target.is_long_unseen:
                await call.write(printers.saw, request.target.printer.id)
        return await handler(request)

    return operate


def name_subject(call: Call) -> Mapping[str, str]:
    """Whom and which job the message is about, by the names that path parameters have."""
    request = call.content
    return request.address.named if isinstance(request, IppRequest) else call.parameters
