"""Messages from bytes: the encoding of RFC 8010 section 3, strict in structure and tolerant in meaning.

Strict: lengths, names, groups, the nesting of collections, the size of fixed values. Bytes that break a rule
are `Malformed`, and nothing else is ever raised for what a peer sends.

Tolerant: any string tag where a string is meant, tags not known here (their values stay octets), unassigned
groups, names that occur twice (see `AttributeGroup.duplicates`), strings that are not UTF-8 (see `values`).
"""

from struct import Struct
from typing import NamedTuple

from .limits import DEFAULT, Limits, Malformed
from .message import Message
from .tags import GroupTag
from .tokens import TokenReader
from .values import Attribute, AttributeGroup

__all__ = [
    "DEFAULT",
    "HEADER_BYTES",
    "Decoder",
    "Header",
    "Limits",
    "Malformed",
    "decode",
    "decode_attributes",
    "decode_group",
    "decode_header",
    "message_without_request_id",
    "request_id_of",
]

HEADER_BYTES = 8
_REQUEST_ID = slice(4, HEADER_BYTES)


class Header(NamedTuple):
    """How every message starts, and enough to answer one whose rest is malformed."""

    version: tuple[int, int]
    code: int
    request_id: int


def decode(data: bytes | memoryview, limits: Limits = DEFAULT) -> tuple[Message, int]:
    """Return the message at the start of the data, and the offset at which its document data starts."""
    head = bytes(data[: limits.message_bytes])
    header = decode_header(head)
    reader = TokenReader(limits)
    end = reader.read(head, HEADER_BYTES)
    if not reader.complete:
        raise _too_long(limits) if len(data) > len(head) else _cut_short(len(head))
    return Message(*header, tuple(reader.groups)), end


def decode_header(data: bytes | memoryview) -> Header:
    """Version, operation or status code, and request-id."""
    if len(data) < HEADER_BYTES:
        raise _cut_short(len(data))
    major, minor, code, request_id = _HEADER(data)
    return Header((major, minor), code, request_id)


def request_id_of(data: bytes) -> int:
    """Return the request-id alone (RFC 8010 section 3.1.1); 0 where the data is too short to have one."""
    return int.from_bytes(data[_REQUEST_ID], signed=True) if len(data) >= HEADER_BYTES else 0


def message_without_request_id(data: bytes) -> bytes:
    """Return the octets of a message without its request-id, which differs each time that it is sent."""
    return data[: _REQUEST_ID.start] + data[_REQUEST_ID.stop :]


def decode_group(
    data: bytes | memoryview, tag: int = GroupTag.PRINTER, limits: Limits = DEFAULT
) -> AttributeGroup:
    """Return the one group with this tag in a body that need not be a whole message.

    Microsoft Graph takes printer attributes this way: the body begins at the group's delimiter. A header in
    front, other groups beside it and an end-of-attributes tag after it are all optional.
    """
    body = bytes(data[: limits.message_bytes + 1])
    groups = _bare_groups(body, HEADER_BYTES if _has_header(body) else 0, 0, limits)
    found = [group for group in groups if group.tag == tag]
    if len(found) != 1:
        raise Malformed(f"the body has {len(found)} groups with the tag 0x{tag:02x}, not one", len(body))
    return found[0]


def decode_attributes(data: bytes | memoryview, limits: Limits = DEFAULT) -> tuple[Attribute, ...]:
    """Bare attributes, without the delimiter of a group."""
    body = _DELIMITER + data[: limits.message_bytes + 1]
    groups = _bare_groups(body, 0, -len(_DELIMITER), limits)
    if len(groups) != 1:
        raise Malformed("a delimiter is among bare attributes", len(data))
    return groups[0].attributes


class Decoder:
    """A message that arrives in pieces of any size: feed them in until `feed` gives the message.

        decoder = Decoder()
        while (message := decoder.feed(chunk)) is None:
            chunk = ...
        document = decoder.rest + ...

    `header` is there as soon as its octets are. `rest` is what came behind the end-of-attributes tag. Never more
    than one token is buffered. After `Malformed` the decoder is of no further use.
    """

    __slots__ = ("_limits", "_offset", "_pending", "_reader", "header", "message", "rest")

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.header: Header | None = None
        self.message: Message | None = None
        self.rest = b""
        self._limits = limits
        self._offset = 0
        self._pending = bytearray()
        self._reader = TokenReader(limits)

    def feed(self, chunk: bytes | bytearray | memoryview) -> Message | None:
        """Read more octets and return the message once it is complete.

        `Malformed` as soon as no more octets could mend it.
        """
        if self.message is not None:
            raise RuntimeError("the message is complete, what follows is document data")
        self._pending += chunk
        needed = self._reader.needed if self.header is not None else HEADER_BYTES
        if len(self._pending) >= needed:
            self.message = self._read(bytes(self._pending))
        if self.message is None and self._offset + len(self._pending) > self._limits.message_bytes:
            raise _too_long(self._limits)
        return self.message

    def finish(self) -> Message:
        """Return the message, now that no more octets will come; `Malformed` if it is not complete."""
        if self.message is None:
            raise _cut_short(self._offset + len(self._pending))
        return self.message

    def _read(self, data: bytes) -> Message | None:
        start = 0
        if self.header is None:
            self.header = decode_header(data)
            start = HEADER_BYTES
        end = self._reader.read(data, start, self._offset)
        self._offset += end
        if not self._reader.complete or self._offset > self._limits.message_bytes:
            self._pending = bytearray(data[end:])
            return None
        self._pending.clear()
        self.rest = data[end:]
        return Message(*self.header, tuple(self._reader.groups))


_HEADER = Struct(">BBHi").unpack_from
_DELIMITER = bytes([GroupTag.PRINTER])


def _bare_groups(body: bytes, start: int, base: int, limits: Limits) -> list[AttributeGroup]:
    """Groups that end with the data, with an end-of-attributes tag or without."""
    if base + len(body) > limits.message_bytes:
        raise _too_long(limits)
    reader = TokenReader(limits)
    end = reader.read(body, start, base)
    if not reader.complete:
        if end < len(body):
            raise _cut_short(base + len(body))
        reader.finish(base + end)
    elif end < len(body):
        raise Malformed("octets follow the end-of-attributes tag", base + end)
    return reader.groups


def _has_header(body: bytes) -> bool:
    """Return whether a body starts with a version and not with a delimiter.

    Both are small numbers. But a minor version is 0, 1 or 2, and behind a delimiter comes a value tag or the end.
    """
    return len(body) >= HEADER_BYTES and body[0] != GroupTag.PRINTER and body[1] < GroupTag.END


def _cut_short(offset: int) -> Malformed:
    return Malformed("the message stops before its end-of-attributes tag", offset)


def _too_long(limits: Limits) -> Malformed:
    return Malformed(f"the attributes are longer than {limits.message_bytes} octets", limits.message_bytes)
