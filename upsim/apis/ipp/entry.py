"""The HTTP side of IPP: read the message, find the operation that it names, run it.

The pipeline has checked that the caller has a valid token before a byte of the body is read. `resolving` is its
step that reads the message; the permissions that it checks after that are those of the IPP operation.
"""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from upsim.apis.ipp.anonymous_access import ANONYMOUS_OPERATION
from upsim.apis.ipp.reading import read_request
from upsim.apis.ipp.request import IppRequest
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, Handler
from upsim.server.operation import Operation
from upsim.services import printers, targets

IppHandler = Callable[[IppRequest], Awaitable[web.StreamResponse]]


def resolving(operations: Mapping[int, Operation]) -> Callable[[Call], Awaitable[Operation]]:
    """Return the resolve step of an HTTP entry that serves these IPP operations, by their codes."""

    async def resolve(call: Call) -> Operation:
        request = await read_request(call)
        operation = operations.get(request.header.code)
        if operation is None:
            raise Refusal(
                RefusalKind.NOT_EMULATED,
                f"Operation 0x{request.header.code:04X} is not supported; see operations-supported.",
                reason="ipp-operation",
            )
        if call.caller.kind == "nobody" and operation.code != ANONYMOUS_OPERATION:
            raise Refusal(RefusalKind.UNAUTHENTICATED, "This operation needs credentials.", reason="token-missing")
        return operation

    return resolve


async def not_reached(call: Call) -> web.StreamResponse:
    """Return the handler of an HTTP entry, which `resolving` always leads away from."""
    raise AssertionError(f"{call.request.path} was not resolved to an IPP operation")


def operating(handler: IppHandler) -> Handler:
    """Return the handler of an IPP operation: the printer is found, then `handler` gets the request."""

    async def operate(call: Call) -> web.StreamResponse:
        request: IppRequest = call.content
        is_device = call.caller.kind == "device"
        device, uri, path, _ = request.address
        printer, share = await call.read(targets.find, call.caller, device, uri or (path if is_device else ""))
        request.target = targets.Target(printer=printer, share=share, settings=call.settings, now=call.instant)
        if is_device:
            call.act_as(targets.speaker(call.caller, request.target))
            if request.target.is_long_unseen:
                await call.write(printers.saw, request.target.printer.id)
        return await handler(request)

    return operate


def name_subject(call: Call) -> Mapping[str, str]:
    """Return the printer and job that the message is about, by the names that path parameters have."""
    request = call.content
    return request.address.named if isinstance(request, IppRequest) else call.parameters
