"""Attributes between the wire and the core: `wire.ipp` values on one side, `domain.attributes` on the other."""

from collections.abc import Iterable
from typing import Any

from upsim.domain.attributes import Attributes, AttributeValue
from upsim.wire.ipp.tags import ValueTag
from upsim.wire.ipp.values import (
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


def read_attributes(attributes: Iterable[Attribute]) -> Attributes:
    """Attributes as the core keeps them."""
    return {
        attribute.name: tuple([AttributeValue(tag, _read(value)) for tag, value in attribute.values])
        for attribute in attributes
    }


def read_changes(group: AttributeGroup) -> tuple[Attributes, list[str]]:
    """What to set, and the names of what to delete (RFC 3380 section 8.2 delete-attribute)."""
    kept = [item for item in group.attributes if item.tag != ValueTag.DELETE_ATTRIBUTE]
    return read_attributes(kept), [item.name for item in group.attributes if item.tag == ValueTag.DELETE_ATTRIBUTE]


def represent_attributes(attributes: Attributes) -> list[Attribute]:
    """Attributes of the core as they go on the wire, in their order."""
    return [represent_attribute(name, values) for name, values in attributes.items()]


def represent_attribute(name: str, values: Iterable[AttributeValue]) -> Attribute:
    """One attribute of the core."""
    return Attribute(name, tuple([Value(item.tag, _represent(item.tag, item.value)) for item in values]))


def _read(value: PythonValue) -> Any:
    match value:
        case str():
            return _readable(value)
        case WithLanguage(language, text):
            return [_readable(language), _readable(text)]
        case Resolution(x, y, units):
            return [x, y, units]
        case Range(lower, upper):
            return [lower, upper]
        case DateTime(octets):
            return octets.hex()
        case bytes():
            return value.hex()
        case Collection(members):
            return {name: list(values) for name, values in read_attributes(members).items()}
        case _:
            return value


def _readable(text: str) -> str:
    """Text that can be stored: octets that were not UTF-8 become replacement characters."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _represent(tag: int, value: Any) -> PythonValue:
    match value:
        case dict():
            return Collection(
                tuple([represent_attribute(name, map(_item, members)) for name, members in value.items()])
            )
        case [language, str(text)]:
            return WithLanguage(language, text)
        case [x, y, units]:
            return Resolution(x, y, units)
        case [lower, upper]:
            return Range(lower, upper)
        case str() if tag == ValueTag.DATE_TIME:
            return DateTime(bytes.fromhex(value))
        case str() if not ValueTag.TEXT <= tag <= ValueTag.MIME_MEDIA_TYPE:
            return bytes.fromhex(value)
        case _:
            return value  # type: ignore[no-any-return]


def _item(stored: Any) -> AttributeValue:
    """A member's value; inside a stored collection the values are plain `[tag, value]` lists."""
    return stored if isinstance(stored, AttributeValue) else AttributeValue(*stored)
