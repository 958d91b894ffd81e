"""The HTTP side of IPP: read the message, find the operation's row, run it.

The gateway has checked that the caller has a valid token before a byte of the body is read. Which permission
the operation needs is checked by `Call.perform`, once the message says which operation it is.
"""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import ClientError, web

from upsim.domain.faults import Fault, Refused
from upsim.faces.ipp import rules
from upsim.faces.ipp.addresses import read_address
from upsim.faces.ipp.openness import OPEN_OPERATION
from upsim.faces.ipp.request import CONTENT_TYPE, IppRequest
from upsim.server.context import Call
from upsim.server.operation import Handler, Operation
from upsim.services import printers, targets
from upsim.wire.ipp.decode import Decoder, Header, Malformed
from upsim.wire.ipp.message import Message

IppHandler = Callable[[IppRequest], Awaitable[web.StreamResponse]]


def serving(rows: Mapping[int, Operation]) -> Handler:
    """The handler of the HTTP rows: any operation of `rows`, by its code."""

    async def serve(call: Call) -> web.StreamResponse:
        request = await read_request(call)
        row = rows.get(request.header.code)
        if row is None:
            raise Refused(
                Fault.NOT_EMULATED,
                f"Operation 0x{request.header.code:04X} is not supported; see operations-supported.",
                reason="ipp-operation",
            )
        if call.caller.kind == "nobody" and row.code != OPEN_OPERATION:
            raise Refused(Fault.UNAUTHENTICATED, "This operation needs credentials.", reason="token-missing")
        return await call.perform(row)

    return serve


def operating(handler: IppHandler) -> Handler:
    """The handler of an operation's row: the printer found, then `handler` with the request."""

    async def operate(call: Call) -> web.StreamResponse:
        request: IppRequest = call.content
        device, printer, path, _ = request.address
        named = printer or (path if call.caller.kind == "device" else "")
        request.target = await call.read(targets.find, call.caller, device, named)
        call.caller = targets.speaker(call.caller, request.target)
        if call.caller.kind == "device" and request.target.is_long_unseen:
            await call.write(printers.saw, request.target.printer.id)
        return await handler(request)

    return operate


async def read_request(call: Call) -> IppRequest:
    """The message, decoded as it arrives and checked. What follows it stays in the stream."""
    if call.request.content_type != CONTENT_TYPE:
        raise Refused(Fault.FORMAT_UNSUPPORTED, f"The body must be {CONTENT_TYPE}.", reason="content-type")
    decoder = Decoder()
    try:
        message = await _decode(call, decoder)
    except Malformed as error:
        if decoder.header is not None:
            _answerable(call, decoder.header)
        raise Refused(
            Fault.INVALID, f"The body is not an IPP message: {error}.", reason="ipp-malformed"
        ) from error
    header = Header(message.version, message.code, message.request_id)
    request = _answerable(call, header)
    request.message, request.attributes, request.beginning = message, message.operation, decoder.rest
    rules.check_header(header)
    rules.check_message(message)
    request.address = read_address(message, call.parameters)
    return request


def name_subject(call: Call) -> Mapping[str, str]:
    """Whom and which job the message is about, by the names that path parameters have."""
    request = call.content
    if not isinstance(request, IppRequest):
        return call.parameters
    device, printer, path, job = request.address
    return {"printer": device or printer or path, "job": "" if job is None else str(job)}


async def _decode(call: Call, decoder: Decoder) -> Message:
    try:
        async for chunk in call.request.content.iter_any():
            call.sent += chunk
            if (message := decoder.feed(chunk)) is not None:
                call.sent = call.sent[: len(call.sent) - len(decoder.rest)]
                return message
    except ClientError as error:
        raise ConnectionResetError("the client went away inside its message") from error
    return decoder.finish()


def _answerable(call: Call, header: Header) -> IppRequest:
    """From here on refusals are IPP responses."""
    request = IppRequest(call, header._replace(version=rules.answer_version(header.version)))
    call.content = request
    return request
