"""Messages as people read them, much as ipptool prints them: one attribute a line, enums and tags by name.

    operation Get-Jobs (0x000a), version 2.0, request-id 1
    operation-attributes-tag
        attributes-charset (charset) = utf-8
        limit (integer) = 10

Control characters are escaped, so that a line stays a line whatever a peer sends. The registry, which knows the
names, is imported when the first message is printed.
"""

from collections.abc import Callable
from typing import Any

from .message import Message
from .tags import GroupTag, ValueTag, is_out_of_band
from .values import Attribute, AttributeGroup, Collection, PythonValue, Value, WithLanguage

GROUP_NAMES = {tag.value: f"{tag.name.lower().replace('_', '-')}-attributes-tag" for tag in GroupTag}

SYNTAX_NAMES: dict[int, str] = {
    ValueTag.UNSUPPORTED: "unsupported",
    ValueTag.UNKNOWN: "unknown",
    ValueTag.NO_VALUE: "no-value",
    ValueTag.NOT_SETTABLE: "not-settable",
    ValueTag.DELETE_ATTRIBUTE: "delete-attribute",
    ValueTag.ADMIN_DEFINE: "admin-define",
    ValueTag.INTEGER: "integer",
    ValueTag.BOOLEAN: "boolean",
    ValueTag.ENUM: "enum",
    ValueTag.OCTET_STRING: "octetString",
    ValueTag.DATE_TIME: "dateTime",
    ValueTag.RESOLUTION: "resolution",
    ValueTag.RANGE_OF_INTEGER: "rangeOfInteger",
    ValueTag.BEG_COLLECTION: "collection",
    ValueTag.TEXT_WITH_LANGUAGE: "textWithLanguage",
    ValueTag.NAME_WITH_LANGUAGE: "nameWithLanguage",
    ValueTag.TEXT: "textWithoutLanguage",
    ValueTag.NAME: "nameWithoutLanguage",
    ValueTag.KEYWORD: "keyword",
    ValueTag.URI: "uri",
    ValueTag.URI_SCHEME: "uriScheme",
    ValueTag.CHARSET: "charset",
    ValueTag.NATURAL_LANGUAGE: "naturalLanguage",
    ValueTag.MIME_MEDIA_TYPE: "mimeMediaType",
    ValueTag.EXTENSION: "extension",
}


def format_request(message: Message) -> str:
    """Return the message, whose code is an operation."""
    from .registry.lookup import operation_name

    return _message("operation", operation_name(message.code), message)


def format_response(message: Message) -> str:
    """Return the message, whose code is a status."""
    from .registry.lookup import status_keyword

    return _message("status", status_keyword(message.code), message)


def format_group(group: AttributeGroup) -> str:
    """Return the group's tag and below it its attributes."""
    name = GROUP_NAMES.get(group.tag, f"group-0x{group.tag:02x}")
    return "\n".join([name, *(f"    {format_attribute(attribute)}" for attribute in group)])


def format_attribute(attribute: Attribute) -> str:
    """Name, syntax and values in one line: `sides-supported (1setOf keyword) = one-sided,two-sided-long-edge`."""
    syntaxes = dict.fromkeys(_syntax_name(value.tag) for value in attribute.values)
    one_set_of = "1setOf " if len(attribute.values) > 1 else ""
    return f"{_text(attribute.name)} ({one_set_of}{' | '.join(syntaxes)}) = {_values(attribute)}"


def _message(kind: str, name: str | None, message: Message) -> str:
    major, minor = message.version
    code = f"{name} (0x{message.code:04x})" if name else f"0x{message.code:04x}"
    first = f"{kind} {code}, version {major}.{minor}, request-id {message.request_id}"
    return "\n".join([first, *map(format_group, message.groups)]) + "\n"


def _syntax_name(tag: int) -> str:
    return SYNTAX_NAMES.get(tag, f"0x{tag:02x}")


def _values(attribute: Attribute) -> str:
    return ",".join([_value(attribute.name, value) for value in attribute.values])


def _value(name: str, value: Value) -> str:
    if is_out_of_band(value.tag) and value.value is None:
        return _syntax_name(value.tag)
    if value.tag == ValueTag.ENUM and isinstance(value.value, int):
        return _enum(name, value.value)
    return _FORMATS.get(type(value.value), str)(value.value)


def _enum(name: str, number: int) -> str:
    from .registry.lookup import enum_keyword

    return enum_keyword(name, number) or str(number)


def _text(text: str) -> str:
    if text.isprintable():
        return text
    return "".join([char if char.isprintable() else _escaped(char) for char in text])


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def _with_language(value: WithLanguage) -> str:
    return f"{_text(value.text)}[{_text(value.language)}]"


def _octets(value: bytes) -> str:
    return f"<{value.hex()}>"


def _collection(value: Collection) -> str:
    return f"{{{' '.join([f'{_text(member.name)}={_values(member)}' for member in value])}}}"


_FORMATS: dict[type[PythonValue], Callable[[Any], str]] = {
    bool: lambda value: "true" if value else "false",
    str: _text,
    bytes: _octets,
    WithLanguage: _with_language,
    Collection: _collection,
}
