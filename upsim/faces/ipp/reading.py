"""The message of a request: decoded as it arrives, checked, and found again if it comes a second time.

Clients send the same message over and over, with another request-id in its header. What lies behind the header is
then neither decoded nor checked anew.
"""

from collections import OrderedDict
from typing import Any, NamedTuple

from aiohttp import ClientError

from upsim.domain.faults import Fault, Refused
from upsim.faces.ipp import rules
from upsim.faces.ipp.addresses import Address, read_address
from upsim.faces.ipp.request import CONTENT_TYPE, IppRequest
from upsim.server.context import Call
from upsim.wire.ipp.decode import HEADER_BYTES, Decoder, Header, Malformed, decode_header
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.values import AttributeGroup

KNOWN_MAX = 512
KNOWN_BYTES_MAX = 2048
"""What a longer piece holds is mostly a document."""


class _Known(NamedTuple):
    """What a message says behind its header."""

    groups: tuple[AttributeGroup, ...]
    operation: AttributeGroup
    address: Address
    kept: dict[str, Any]
    """What handlers made of it (`IppRequest.kept`)."""


_known: OrderedDict[bytes, _Known] = OrderedDict()


async def read_request(call: Call) -> IppRequest:
    """The message, decoded as it arrives and checked. What follows it stays in the stream."""
    if call.request.content_type != CONTENT_TYPE:
        raise Refused(Fault.FORMAT_UNSUPPORTED, f"The body must be {CONTENT_TYPE}.", reason="content-type")
    piece = await _next_piece(call)
    known = _known.get(piece[HEADER_BYTES:]) if len(piece) <= KNOWN_BYTES_MAX else None
    if known is None:
        return await _read_unknown(call, piece)
    call.sent = piece
    return _understood(call, decode_header(piece), known)


async def _read_unknown(call: Call, piece: bytes) -> IppRequest:
    decoder = Decoder()
    try:
        message = await _decode(call, decoder, piece)
    except Malformed as error:
        if decoder.header is not None:
            _answerable(call, decoder.header)
        raise Refused(
            Fault.INVALID, f"The body is not an IPP message: {error}.", reason="ipp-malformed"
        ) from error
    known = _Known(message.groups, message.operation, read_address(message), {})
    request = _understood(call, Header(*message[:3]), known)
    request.beginning = decoder.rest
    rules.check_message(message)
    if len(call.sent) == len(piece) <= KNOWN_BYTES_MAX:
        _remember(piece[HEADER_BYTES:], known)
    return request


def _understood(call: Call, header: Header, known: _Known) -> IppRequest:
    request = _answerable(call, header)
    request.message = Message(*header, known.groups)
    request.attributes = known.operation
    request.kept = known.kept
    request.address = known.address.under(call.parameters) if call.parameters else known.address
    rules.check_header(header)
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
        piece = await _next_piece(call)
    return decoder.finish()


async def _next_piece(call: Call) -> bytes:
    """What of the body is there; nothing at its end."""
    try:
        return await call.request.content.readany()
    except ClientError as error:
        raise ConnectionResetError("the client went away inside its message") from error


def _answerable(call: Call, header: Header) -> IppRequest:
    """From here on refusals are IPP responses."""
    version, code, request_id = header
    request = IppRequest(call, Header(rules.answer_version(version), code, request_id))
    call.content = request
    return request
