"""An IPP request being served: its message, whom it is about, its document data, and how to answer."""

from collections.abc import AsyncIterator, Callable, Hashable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from aiohttp import hdrs, web
from multidict import CIMultiDict

from upsim.apis.ipp import addresses
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, Repeatable
from upsim.server.operation import Operation
from upsim.server.whole_response import WholeResponse
from upsim.services.targets import Target
from upsim.wire.ipp import build
from upsim.wire.ipp.decode import Header, message_without_request_id, request_id_of
from upsim.wire.ipp.encode import EncodedGroup, encode_attribute, encode_groups, encode_header
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.status import Status
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import AttributeGroup

CONTENT_TYPE = "application/ipp"
CHARSET = "utf-8"
NATURAL_LANGUAGE = "en-us"
_HEADERS = CIMultiDict({hdrs.CONTENT_TYPE: CONTENT_TYPE})


class IppRequest:
    """What `Call` is to HTTP, this is to IPP. It exists as soon as the header could be read."""

    __slots__ = ("address", "attributes", "beginning", "call", "header", "kept", "message", "stamp", "target")

    def __init__(self, call: Call, header: Header) -> None:
        self.call = call
        self.header = header
        self.message: Message
        """The groups; what its own header says is in `header`."""
        self.attributes: AttributeGroup
        """The operation attributes."""
        self.kept: dict[str, Any]
        """What was made of the message's words, by names of the handlers' own. It is there again when the same
        message comes again, so it depends on nothing else unless it says so, and nobody changes it."""
        self.beginning = b""
        """The document's first octets, which came with the message's last."""
        self.address = addresses.NOWHERE
        self.target: Target | None = None
        self.stamp: Hashable = None
        """That of `Call.stamp`, where the answer may be repeated."""

    def group(self, tag: GroupTag) -> AttributeGroup:
        """The first group with this tag; empty where there is none."""
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
        """An operation attribute that the request cannot do without."""
        value = self.attributes.integer(name)
        if value is None:
            raise Refusal(
                RefusalKind.INVALID, f"The operation attribute {name} is missing.", reason="attribute-missing"
            )
        return value

    @property
    def user_name(self) -> str:
        """Who the request says is asking, as a user principal name; a token's word counts for more."""
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
        """The document data behind the message, in the pieces in which it arrives."""
        if self.beginning:
            yield self.beginning
        async for chunk in self.call.request.content.iter_any():
            yield chunk

    def answer(self, *groups: AttributeGroup, status: int = Status.SUCCESSFUL_OK) -> web.Response:
        """A response message with these groups."""
        return WholeResponse(self.encode_answer(groups, status), headers=_HEADERS)

    def answer_encoded(self, octets: bytes) -> web.Response:
        """A successful response whose groups are octets already, as `encode_groups` makes them."""
        version, _, request_id = self.header
        head = encode_header(version, Status.SUCCESSFUL_OK, request_id)
        self.call.answered = head, octets
        return WholeResponse(head + octets, headers=_HEADERS)

    def answer_repeatably(self, octets: bytes, begins: datetime, ends: datetime) -> web.Response:
        """As `answer_encoded`; and the same words are answered so between these instants of the tenant."""
        (version, code, _), address, words = self.header, self.address, message_without_request_id(self.call.sent)

        def again(call: Call, body: bytes) -> web.Response | None:
            request_id = request_id_of(body)
            if message_without_request_id(body) != words or request_id < 1:
                return None
            request = call.content = IppRequest(call, Header(version, code, request_id))
            request.address = address
            return request.answer_encoded(octets)

        if self.stamp is not None:
            self.call.repeatable = Repeatable(self.stamp, begins, ends, again, len(octets))
        return self.answer_encoded(octets)

    def encode_answer(self, groups: Iterable[AttributeGroup], status: int = Status.SUCCESSFUL_OK) -> bytes:
        """The response message; further operation attributes of the groups go behind charset and language."""
        octets = encode_answer(self.header, groups, status)
        self.call.answered = (octets,)
        return octets


_FIRST = encode_attribute(build.charset("attributes-charset", CHARSET)) + encode_attribute(
    build.natural_language("attributes-natural-language", NATURAL_LANGUAGE)
)


_NO_MORE = EncodedGroup(GroupTag.OPERATION, (_FIRST,))
"""The operation attributes of an answer that has no others."""


@lru_cache(8)
def _codes(list_operations: Callable[[], tuple[Operation, ...]]) -> tuple[int, ...]:
    """The table does not change while the server runs."""
    return tuple(sorted(row.code for row in list_operations() if row.code is not None))


def encode_answer(header: Header, groups: Iterable[AttributeGroup], status: int) -> bytes:
    """A response message with these groups."""
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
