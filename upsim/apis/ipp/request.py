"""An IPP request being served: its message, whom it is about, its document data, and how to answer."""

from collections.abc import AsyncIterator, Callable, Iterable
from functools import lru_cache

from aiohttp import web

from upsim.apis.ipp import addresses
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, octets_response
from upsim.server.operation import Operation
from upsim.services.targets import Target
from upsim.wire.ipp import build
from upsim.wire.ipp.decode import Header
from upsim.wire.ipp.encode import EncodedGroup, encode_attribute, encode_groups, encode_header
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.status import Status
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import AttributeGroup

CONTENT_TYPE = "application/ipp"
CHARSET = "utf-8"
NATURAL_LANGUAGE = "en-us"


class IppRequest:
    """An IPP request: to IPP what `Call` is to HTTP. It exists as soon as the header could be read."""

    __slots__ = ("address", "attributes", "beginning", "call", "header", "message", "target")

    def __init__(self, call: Call, header: Header) -> None:
        self.call = call
        self.header = header
        self.message: Message
        """The groups; what its own header says is in `header`."""
        self.attributes: AttributeGroup
        """The operation attributes."""
        self.beginning = b""
        """The document's first octets, which came with the message's last."""
        self.address = addresses.NOWHERE
        self.target: Target | None = None

    def group(self, tag: GroupTag) -> AttributeGroup:
        """Return the first group with this tag; empty where there is none."""
        return self.message.group(tag) or AttributeGroup(tag)

    @property
    def printer(self) -> Target:
        """The printer that the request is about."""
        if self.target is None:
            raise RuntimeError("the target is not resolved yet")
        return self.target

    @property
    def job_id(self) -> int:
        """The job that the request is about (RFC 8011 section 4.1.5)."""
        if self.address.job is None:
            raise Refusal(RefusalKind.INVALID, "The request names no job; send job-id.", reason="job-missing")
        return self.address.job

    def required_integer(self, name: str) -> int:
        """Return an operation attribute that the request cannot do without."""
        value = self.attributes.integer(name)
        if value is None:
            raise Refusal(
                RefusalKind.INVALID, f"The operation attribute {name} is missing.", reason="attribute-missing"
            )
        return value

    @property
    def user_name(self) -> str:
        """The requesting user by the request, as a user principal name; a token takes precedence."""
        scheme, _, name = (self.attributes.string("requesting-user-uri") or "").partition(":")
        if scheme.lower() == "mailto" and name:
            return name
        return self.attributes.string("requesting-user-name") or ""

    @property
    def operations(self) -> tuple[int, ...]:
        """operations-supported: the codes in the table of operations."""
        return _codes(self.call.site.list_operations)

    @property
    def printer_uri(self) -> str:
        """The printer's URI, as this client can reach it."""
        return addresses.printer_uri(self.call.base_url, self.printer.id)

    async def document(self) -> AsyncIterator[bytes]:
        """Yield the document data behind the message, in the pieces in which it arrives."""
        if self.beginning:
            yield self.beginning
        async for chunk in self.call.request.body.chunks():
            yield chunk

    def answer(self, *groups: AttributeGroup, status: int = Status.SUCCESSFUL_OK) -> web.Response:
        """Return a response message with these groups."""
        return octets_response(encode_answer(self.header, groups, status), CONTENT_TYPE)

    def answer_encoded(self, octets: bytes) -> web.Response:
        """Return a successful response whose groups are octets already, as `encode_groups` makes them."""
        version, _, request_id = self.header
        head = encode_header(version, Status.SUCCESSFUL_OK, request_id)
        return octets_response(head + octets, CONTENT_TYPE)

    def encode_answer(self, groups: Iterable[AttributeGroup], status: int = Status.SUCCESSFUL_OK) -> bytes:
        """Return a response message whose document follows; the journal holds the message alone.

        Further operation attributes of the groups go behind charset and language.
        """
        octets = encode_answer(self.header, groups, status)
        self.call.hold_answered(octets)
        return octets


_FIRST = encode_attribute(build.charset("attributes-charset", CHARSET)) + encode_attribute(
    build.natural_language("attributes-natural-language", NATURAL_LANGUAGE)
)


_NO_MORE = EncodedGroup(GroupTag.OPERATION, (_FIRST,))
"""The operation attributes of an answer that has no others."""


@lru_cache(8)
def _codes(list_operations: Callable[[], tuple[Operation, ...]]) -> tuple[int, ...]:
    """Return the table does not change while the server runs."""
    return tuple(sorted(row.code for row in list_operations() if row.code is not None))


def encode_answer(header: Header, groups: Iterable[AttributeGroup], status: int) -> bytes:
    """Return a response message with these groups."""
    return encode_header(header.version, int(status), header.request_id) + encode_groups(in_order(groups))


def in_order(groups: Iterable[AttributeGroup]) -> list[AttributeGroup]:
    """Charset and natural language first (RFC 8011 section 4.1.4), then the groups."""
    operation, others = _NO_MORE, []
    for group in groups:
        if group.tag == GroupTag.OPERATION:
            more = map(encode_attribute, group.attributes)
            operation = EncodedGroup(GroupTag.OPERATION, (*operation.parts, *more))
        else:
            others.append(group)
    return [operation, *others]
