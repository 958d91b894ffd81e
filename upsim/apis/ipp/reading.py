"""The message of a request: decoded as it arrives, checked, and found again if it comes a second time.

Clients send the same message over and over, with another request-id in its header. What lies behind the header is
then neither decoded nor checked anew.
"""

from collections import OrderedDict
from typing import Any, NamedTuple

from aiohttp import hdrs

from upsim.apis.ipp import rules
from upsim.apis.ipp.addresses import Address, read_address
from upsim.apis.ipp.request import CONTENT_TYPE, IppRequest
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.wire.ipp.decode import Decoder, Header, Malformed, message_without_request_id, request_id_of
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.values import AttributeGroup

KNOWN_MAX = 512
KNOWN_BYTES_MAX = 2048
"""What a longer piece holds is mostly a document."""


class _Known(NamedTuple):
    """What a message says, but for its request-id."""

    version: tuple[int, int]
    """That of the answer."""
    message: Message
    operation: AttributeGroup
    address: Address
    kept: dict[str, Any]
    """What handlers made of it (`IppRequest.kept`)."""


_known: OrderedDict[bytes, _Known] = OrderedDict()


async def read_request(call: Call) -> IppRequest:
    """The message, decoded as it arrives and checked. What follows it stays in the stream."""
    request = call.request
    if request.headers.get(hdrs.CONTENT_TYPE) != CONTENT_TYPE and request.content_type != CONTENT_TYPE:
        raise Refusal(RefusalKind.FORMAT_UNSUPPORTED, f"The body must be {CONTENT_TYPE}.", reason="content-type")
    piece = await call.next_piece()
    known = _known.get(message_without_request_id(piece)) if len(piece) <= KNOWN_BYTES_MAX else None
    if known is None:
        return await _read_unknown(call, piece)
    call.sent = piece
    return _understood(call, Header(known.version, known.message.code, request_id_of(piece)), known)


async def _read_unknown(call: Call, piece: bytes) -> IppRequest:
    decoder = Decoder()
    try:
        message = await _decode(call, decoder, piece)
    except Malformed as error:
        if decoder.header is not None:
            _answerable(call, _answer_header(decoder.header))
        raise Refusal(
            RefusalKind.INVALID, f"The body is not an IPP message: {error}.", reason="ipp-malformed"
        ) from error
    header = _answer_header(Header(*message[:3]))
    known = _Known(header.version, message, message.operation, read_address(message), {})
    request = _understood(call, header, known)
    request.beginning = decoder.rest
    rules.check_version(message.version)
    rules.check_message(message)
    if len(call.sent) == len(piece) <= KNOWN_BYTES_MAX:
        _remember(message_without_request_id(piece), known)
    return request


def _understood(call: Call, header: Header, known: _Known) -> IppRequest:
    request = _answerable(call, header)
    request.message = known.message
    request.attributes = known.operation
    request.kept = known.kept
    request.address = known.address.under(call.parameters) if call.parameters else known.address
    rules.check_request_id(header.request_id)
    return request


def _remember(octets: bytes, known: _Known) -> None:
    _known[octets] = known
    if len(_known) > KNOWN_MAX:
        _known.popitem(last=False)


async def _decode(call: Call, decoder: Decoder, piece: bytes) -> Message:
    while piece:
        call.sent += piece
        if (message := decoder.feed(piece)) is not None:
            call.sent = call.sent[: len(call.sent) - len(decoder.rest)]
            return message
        piece = await call.next_piece()
    return decoder.finish()


def _answer_header(header: Header) -> Header:
    return header._replace(version=rules.answer_version(header.version))


def _answerable(call: Call, header: Header) -> IppRequest:
    """From here on refusals are IPP responses."""
    request = call.content = IppRequest(call, header)
    return request
