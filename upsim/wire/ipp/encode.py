"""Messages to bytes: the encoding of RFC 8010 section 3.

Octets that are sent often and change seldom can be cached: `encode_attribute` gives the octets of one attribute,
and
an `EncodedGroup` puts any number of such pieces into a message without decoding them.
"""

import struct
from collections.abc import Callable, Iterable
from typing import Any

from .decode import decode_attributes
from .message import Message
from .tags import (
    CHARACTER_STRING_TAGS,
    COLLECTION_TAGS,
    FIRST_VALUE_TAG,
    OUT_OF_BAND_TAGS,
    GroupTag,
    ValueTag,
    is_group,
)
from .values import Attribute, AttributeGroup, Collection, DateTime, Range, Resolution, WithLanguage

NAMES_MAX = 2048
"""Names of attributes whose octets are cached."""


class Unencodable(ValueError):
    """A value does not fit its tag or its length field: an error of the caller, never of a peer."""


class EncodedGroup(AttributeGroup):
    """A group whose attributes are octets already, each part one or more whole attributes.

    It reads like any other group: `attributes` decodes the parts, every time it is asked.
    """

    __slots__ = ("parts",)

    parts: tuple[bytes, ...]

    def __init__(self, tag: int, parts: tuple[bytes, ...]) -> None:
        object.__setattr__(self, "tag", tag)
        object.__setattr__(self, "parts", parts)

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        return decode_attributes(b"".join(self.parts))

    def __repr__(self) -> str:
        return f"EncodedGroup(tag={self.tag!r}, parts={self.parts!r})"


def encode(message: Message) -> bytes:
    """Return the message up to its end-of-attributes tag; document data goes behind it as it is."""
    return encode_header(message.version, message.code, message.request_id) + encode_groups(message.groups)


def encode_header(version: tuple[int, int], code: int, request_id: int) -> bytes:
    """Encode the header, with which a message begins (RFC 8010 section 3.1.1)."""
    try:
        return _HEADER(*version, code, request_id)
    except struct.error as error:
        raise Unencodable(f"header: {error}") from error


def encode_groups(groups: Iterable[AttributeGroup]) -> bytes:
    """Encode the groups and the end-of-attributes tag.

    The octets can be cached and sent behind other headers.
    """
    return b"".join([*[part for group in groups for part in _parts(group)], _END])


def encode_group(group: AttributeGroup) -> bytes:
    """Return the group's delimiter and attributes."""
    return b"".join(_parts(group))


def _parts(group: AttributeGroup) -> list[bytes]:
    if not is_group(group.tag):
        raise Unencodable(f"0x{group.tag:02x} is not the tag of a group")
    parts = group.parts if isinstance(group, EncodedGroup) else map(encode_attribute, group.attributes)
    return [bytes([group.tag]), *parts]


def encode_attribute(attribute: Attribute) -> bytes:
    """Return the attribute with all its values (RFC 8010 sections 3.1.4 and 3.1.5)."""
    name, values = attribute
    try:
        tag, value = values[0]
        parts = [_TAGS[tag], _names[name], _VALUES[tag](value)]
        for tag, value in values[1:]:
            parts += (_UNNAMED[tag], _VALUES[tag](value))
    except _MISFITS as error:
        raise Unencodable(f"{name}: {error}") from error
    return b"".join(parts)


_HEADER = struct.Struct(">BBHi").pack
_INTEGER = struct.Struct(">hi").pack
_RANGE = struct.Struct(">hii").pack
_RESOLUTION = struct.Struct(">hiib").pack

# Lengths are SIGNED-SHORT (RFC 8010 section 3.2), so one beyond 32767 does not fit.
_LENGTH = struct.Struct(">h").pack

_TAGS = [bytes([tag]) for tag in range(256)]
_UNNAMED = [bytes([tag, 0, 0]) for tag in range(256)]
_END = bytes([GroupTag.END])
_MEMBER_NAME = _UNNAMED[ValueTag.MEMBER_ATTR_NAME]
_EMPTY = b"\0\0"
_END_COLLECTION = _UNNAMED[ValueTag.END_COLLECTION] + _EMPTY

# What Python raises when a value is not what its tag says.
_MISFITS = (AttributeError, LookupError, RecursionError, TypeError, ValueError, struct.error)


# Value encodings, RFC 8010 section 3.9. Each gives value-length and value.


def _name(name: str) -> bytes:
    if not name:
        raise ValueError("an attribute needs a name")
    return name.encode("utf-8", "surrogateescape")


class _Names(dict[str, bytes]):
    """Names with name-length in front. Messages repeat the same few hundred."""

    def __missing__(self, name: str) -> bytes:
        encoded = _octets(_name(name))
        if len(self) >= NAMES_MAX:
            self.clear()
        self[name] = encoded
        return encoded


_names = _Names()


def _octets(value: bytes) -> bytes:
    return _LENGTH(len(value)) + value


def _string(value: str) -> bytes:
    octets = value.encode("utf-8", "surrogateescape")
    return _LENGTH(len(octets)) + octets


def _out_of_band(value: bytes | None) -> bytes:
    return _EMPTY if value is None else _octets(value)


def _integer(value: int) -> bytes:
    return _INTEGER(4, value)


_boolean = {False: b"\0\1\0", True: b"\0\1\1"}.__getitem__


def _date_time(value: DateTime) -> bytes:
    return _octets(value.octets)


def _resolution(value: Resolution) -> bytes:
    return _RESOLUTION(9, value.x, value.y, value.units)


def _range(value: Range) -> bytes:
    return _RANGE(8, value.lower, value.upper)


def _with_language(value: WithLanguage) -> bytes:
    return _octets(_string(value.language) + _string(value.text))


def _collection(value: Collection) -> bytes:
    """Return an empty value for begCollection, the members, and endCollection (RFC 8010 section 3.1.6)."""
    parts = [_EMPTY]
    for name, values in value.members:
        if not values:
            raise ValueError(f"the member {name} has no value")
        parts += (_MEMBER_NAME, _names[name])
        for tag, member in values:
            parts += (_UNNAMED[tag], _VALUES[tag](member))
    parts.append(_END_COLLECTION)
    return b"".join(parts)


def _not_a_value(value: object) -> bytes:
    raise ValueError(f"the tag of {value!r} is not a value's")


_SYNTAXES: dict[int, Callable[[Any], bytes]] = {
    **dict.fromkeys(range(FIRST_VALUE_TAG), _not_a_value),
    **dict.fromkeys(COLLECTION_TAGS, _not_a_value),
    **dict.fromkeys(OUT_OF_BAND_TAGS, _out_of_band),
    **dict.fromkeys(CHARACTER_STRING_TAGS, _string),
    ValueTag.INTEGER: _integer,
    ValueTag.BOOLEAN: _boolean,
    ValueTag.ENUM: _integer,
    ValueTag.DATE_TIME: _date_time,
    ValueTag.RESOLUTION: _resolution,
    ValueTag.RANGE_OF_INTEGER: _range,
    ValueTag.BEG_COLLECTION: _collection,
    ValueTag.TEXT_WITH_LANGUAGE: _with_language,
    ValueTag.NAME_WITH_LANGUAGE: _with_language,
}

_VALUES = [_SYNTAXES.get(tag, _octets) for tag in range(256)]
