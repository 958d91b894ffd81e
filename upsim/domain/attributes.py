"""IPP attributes as the core stores them: a printer's description, a job's template.

The core uses IPP's terms (RFC 8011 section 5): keywords are hyphenated strings, enums are integers. A value
has its IPP tag, so that what a device reported is given back exactly. Codecs translate at the APIs.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

INTEGER, BOOLEAN, ENUM = 0x21, 0x22, 0x23
RESOLUTION, RANGE, COLLECTION = 0x32, 0x33, 0x34
TEXT, NAME, KEYWORD, URI, MIME_MEDIA_TYPE = 0x41, 0x42, 0x44, 0x45, 0x49
DOTS_PER_INCH = 3
"""The unit of a resolution, RFC 8011 section 5.1.16."""


class AttributeValue(Struct, frozen=True, array_like=True):
    """One value with its tag (RFC 8010 section 3.5.2).

    `value` is an int, bool or str; `[x, y, units]` for a resolution, `[lower, upper]` for a range,
    `[language, text]` for a string with a language, `{name: [AttributeValue, ...]}` for a collection,
    hexadecimal text for octets and dates, and None for an out-of-band value.
    """

    tag: int
    value: Any = None


Attributes = dict[str, tuple[AttributeValue, ...]]
"""Attributes by name, in the order in which they were given."""


def values(attributes: Mapping[str, tuple[AttributeValue, ...]], name: str) -> list[Any]:
    """Return the values of an attribute, empty where it is absent or out-of-band."""
    return [item.value for item in attributes.get(name, ()) if item.value is not None]


def first(attributes: Mapping[str, tuple[AttributeValue, ...]], name: str, default: Any = None) -> Any:
    """Return the first value of an attribute, or `default`."""
    found = values(attributes, name)
    return found[0] if found else default


def many(tag: int, items: Iterable[Any]) -> tuple[AttributeValue, ...]:
    """Return a 1setOf: each item with the same tag."""
    return tuple(AttributeValue(tag, item) for item in items)


def one(tag: int, item: Any) -> tuple[AttributeValue, ...]:
    """Return a single value."""
    return (AttributeValue(tag, item),)


def members_of(collection: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return the plain values of a collection by member name; stored collections hold values as `[tag, value]`."""
    return {
        name: [item.value if isinstance(item, AttributeValue) else item[1] for item in items]
        for name, items in collection.items()
    }
