"""Attributes written readably: `keyword("sides", "one-sided")`, `integer("copies", 1)`, `no_value("...")`.

One function for each syntax of RFC 8011 section 5.1, named after it. Several values make a 1setOf. An attribute
whose values differ in syntax (keyword or name) is spelled out with `Attribute` and `Value`.
"""

from datetime import datetime

from .tags import ValueTag
from .values import (
    Attribute,
    AttributeGroup,
    Collection,
    DateTime,
    PythonValue,
    Range,
    Resolution,
    Value,
    WithLanguage,
)


def group(tag: int, *attributes: Attribute) -> AttributeGroup:
    """Return a group of these attributes."""
    return AttributeGroup(tag, attributes)


def integer(name: str, *values: int) -> Attribute:
    return _attribute(name, ValueTag.INTEGER, values)


def boolean(name: str, *values: bool) -> Attribute:
    return _attribute(name, ValueTag.BOOLEAN, values)


def enum(name: str, *values: int) -> Attribute:
    return _attribute(name, ValueTag.ENUM, tuple([int(value) for value in values]))


def octets(name: str, *values: bytes) -> Attribute:
    """Return the syntax octetString."""
    return _attribute(name, ValueTag.OCTET_STRING, values)


def date_time(name: str, *values: DateTime | datetime) -> Attribute:
    """Return the syntax dateTime; a datetime must be aware."""
    moments = [DateTime.from_datetime(value) if isinstance(value, datetime) else value for value in values]
    return _attribute(name, ValueTag.DATE_TIME, tuple(moments))


def resolution(name: str, *values: Resolution) -> Attribute:
    return _attribute(name, ValueTag.RESOLUTION, values)


def range_(name: str, *values: Range) -> Attribute:
    """Return the syntax rangeOfInteger."""
    return _attribute(name, ValueTag.RANGE_OF_INTEGER, values)


def collection(name: str, *values: Collection) -> Attribute:
    """Return the syntax collection; `members` makes the values."""
    return _attribute(name, ValueTag.BEG_COLLECTION, values)


def members(*attributes: Attribute) -> Collection:
    """Return one collection value of these member attributes."""
    return Collection(attributes)


def text(name: str, *values: str) -> Attribute:
    """Return the syntax textWithoutLanguage."""
    return _attribute(name, ValueTag.TEXT, values)


def name_(name: str, *values: str) -> Attribute:
    """Return the syntax nameWithoutLanguage."""
    return _attribute(name, ValueTag.NAME, values)


def text_with_language(name: str, *values: WithLanguage) -> Attribute:
    return _attribute(name, ValueTag.TEXT_WITH_LANGUAGE, values)


def name_with_language(name: str, *values: WithLanguage) -> Attribute:
    return _attribute(name, ValueTag.NAME_WITH_LANGUAGE, values)


def keyword(name: str, *values: str) -> Attribute:
    return _attribute(name, ValueTag.KEYWORD, values)


def uri(name: str, *values: str) -> Attribute:
    return _attribute(name, ValueTag.URI, values)


def uri_scheme(name: str, *values: str) -> Attribute:
    return _attribute(name, ValueTag.URI_SCHEME, values)


def charset(name: str, *values: str) -> Attribute:
    return _attribute(name, ValueTag.CHARSET, values)


def natural_language(name: str, *values: str) -> Attribute:
    return _attribute(name, ValueTag.NATURAL_LANGUAGE, values)


def mime(name: str, *values: str) -> Attribute:
    """Return the syntax mimeMediaType."""
    return _attribute(name, ValueTag.MIME_MEDIA_TYPE, values)


def unsupported(name: str) -> Attribute:
    """Out-of-band: the printer does not support the attribute."""
    return _out_of_band(name, ValueTag.UNSUPPORTED)


def unknown(name: str) -> Attribute:
    """Out-of-band: there is a value, not known now."""
    return _out_of_band(name, ValueTag.UNKNOWN)


def no_value(name: str) -> Attribute:
    """Out-of-band: there is no value, or none yet."""
    return _out_of_band(name, ValueTag.NO_VALUE)


def not_settable(name: str) -> Attribute:
    """Out-of-band, RFC 3380: a Set operation may not change the attribute."""
    return _out_of_band(name, ValueTag.NOT_SETTABLE)


def delete_attribute(name: str) -> Attribute:
    """Out-of-band, RFC 3380: remove the attribute."""
    return _out_of_band(name, ValueTag.DELETE_ATTRIBUTE)


def admin_define(name: str) -> Attribute:
    """Out-of-band, RFC 3380: the administrator chooses."""
    return _out_of_band(name, ValueTag.ADMIN_DEFINE)


def _attribute(name: str, tag: ValueTag, values: tuple[PythonValue, ...]) -> Attribute:
    if not values:
        raise ValueError(f"{name} needs at least one value")
    plain_tag = int(tag)  # as the decoder gives it, so that both print alike
    return Attribute(name, tuple([Value(plain_tag, value) for value in values]))


def _out_of_band(name: str, tag: ValueTag) -> Attribute:
    return _attribute(name, tag, (None,))
