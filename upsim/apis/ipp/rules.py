"""Rules that every request must satisfy before its operation runs (RFC 8011 section 4.1).

Strict where a rule keeps meaning clear: order of groups, charset and language first, no attribute twice.
Tolerant where Microsoft's own clients err: case of the charset, an empty language, wrong string tags.
"""

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.tags import GroupTag, ValueTag
from upsim.wire.ipp.values import AttributeGroup, WithLanguage

MAJOR_VERSIONS = (1, 2)
VERSIONS = ("1.0", "1.1", "2.0", "2.1", "2.2")
CHARSETS = ("utf-8",)

_LONG = 1023
_SHORT = 255
_OCTETS_MAX = {ValueTag.TEXT: _LONG, ValueTag.URI: _LONG, ValueTag.OCTET_STRING: _LONG}
"""RFC 8011 section 5.1; the other string syntaxes have at most 255 octets."""
_STRING_TAGS = range(ValueTag.TEXT, ValueTag.MIME_MEDIA_TYPE + 1)


def check_version(version: tuple[int, int]) -> None:
    """A newer minor version of a known major one is served (section 4.1.8)."""
    if version[0] not in MAJOR_VERSIONS:
        raise Refusal(
            RefusalKind.NOT_EMULATED,
            f"IPP {version[0]}.{version[1]} is not supported; use one of {', '.join(VERSIONS)}.",
            reason="ipp-version",
        )


def check_request_id(request_id: int) -> None:
    """It counts from 1 (section 4.1.2)."""
    if request_id < 1:
        raise _bad("request-id must be 1 or more")


def answer_version(version: tuple[int, int]) -> tuple[int, int]:
    """Return the request's version, or the closest one that upsim speaks."""
    if version[0] in MAJOR_VERSIONS:
        return version
    return (1, 0) if version[0] < MAJOR_VERSIONS[0] else (2, 0)


def check_message(message: Message) -> None:
    """The groups, and the attributes that every request has."""
    _check_groups(message)
    operation = message.operation
    names = [attribute.name for attribute in operation.attributes[:2]]
    if names != ["attributes-charset", "attributes-natural-language"]:
        raise _bad("attributes-charset and attributes-natural-language must be the first two attributes")
    charset = operation.string("attributes-charset") or ""
    if charset.lower() not in CHARSETS:
        raise Refusal(
            RefusalKind.ATTRIBUTES_UNSUPPORTED,
            f"The charset '{charset}' is not supported; use utf-8.",
            reason="ipp-charset",
            attributes={"attributes-charset": charset},
        )
    for group in message.groups:
        _check_lengths(group)


def _check_groups(message: Message) -> None:
    tags = [group.tag for group in message.groups]
    if not tags or tags[0] != GroupTag.OPERATION:
        raise _bad("the first group must be the operation attributes")
    if tags != sorted(tags) or tags.count(GroupTag.OPERATION) > 1:
        raise _bad("the groups are out of order")
    for group in message.groups:
        if twice := group.duplicates():
            raise _bad(f"the attribute {twice[0]} occurs twice in a group", *twice)


def _check_lengths(group: AttributeGroup) -> None:
    for attribute in group.attributes:
        for tag, value in attribute[1]:
            text = value.text if type(value) is WithLanguage else value
            if type(text) is not str or len(text) * 4 <= _SHORT or tag not in _STRING_TAGS:
                continue
            limit = _OCTETS_MAX.get(ValueTag(tag) if tag in _KNOWN else ValueTag.NAME, _SHORT)
            if len(text.encode("utf-8", "surrogateescape")) > limit:
                raise Refusal(
                    RefusalKind.TOO_LARGE,
                    f"The value of {attribute.name} is longer than {limit} octets.",
                    reason="ipp-value-too-long",
                    attributes={attribute.name: None},
                )


_KNOWN = frozenset(ValueTag)


def _bad(what: str, *names: str) -> Refusal:
    """`names` are the attributes that offend."""
    detail = f"The request is not valid IPP: {what}."
    return Refusal(RefusalKind.INVALID, detail, reason="ipp-malformed", attributes=dict.fromkeys(names))
