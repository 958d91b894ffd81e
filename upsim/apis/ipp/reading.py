"""The message of an IPP request: decoded as it arrives, and checked."""

from aiohttp import hdrs

from upsim.apis.ipp import rules
from upsim.apis.ipp.addresses import read_address
from upsim.apis.ipp.request import CONTENT_TYPE, IppRequest
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.wire.ipp.decode import Decoder, Header, Malformed
from upsim.wire.ipp.message import Message


async def read_request(call: Call) -> IppRequest:
    """The checked message. The document data behind it stays in the body, but for the octets that came with it."""
    headers = call.request.headers
    if headers.get(hdrs.CONTENT_TYPE) != CONTENT_TYPE and call.request.content_type != CONTENT_TYPE:
        raise Refusal(RefusalKind.FORMAT_UNSUPPORTED, f"The body must be {CONTENT_TYPE}.", reason="content-type")
    decoder = Decoder()
    try:
        message = await _decode(call, decoder)
    except Malformed as error:
        if decoder.header is not None:  # there is enough of it for an IPP response
            call.hold_content(IppRequest(call, _header_of_answer(decoder.header)))
        raise Refusal(
            RefusalKind.INVALID, f"The body is not an IPP message: {error}.", reason="ipp-malformed"
        ) from error
    request = IppRequest(call, _header_of_answer(Header(*message[:3])))
    request.message, request.attributes = message, message.operation
    request.address = read_address(message).under(call.parameters)
    request.beginning = decoder.rest
    call.hold_content(request)  # from here on refusals are IPP responses
    rules.check_version(message.version)
    rules.check_request_id(message.request_id)
    rules.check_message(message)
    return request


async def _decode(call: Call, decoder: Decoder) -> Message:
    received = bytearray()
    try:
        while chunk := await call.request.body.next_chunk():
            received += chunk
            if (message := decoder.feed(chunk)) is not None:
                del received[len(received) - len(decoder.rest) :]
                return message
        return decoder.finish()
    finally:
        call.hold_sent(bytes(received))


def _header_of_answer(header: Header) -> Header:
    return header._replace(version=rules.answer_version(header.version))
