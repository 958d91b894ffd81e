"""Media by their self-describing names, such as `iso_a4_210x297mm` (PWG 5101.1 section 5)."""

import re
from decimal import Decimal

from upsim.domain.attributes import COLLECTION, INTEGER, KEYWORD, Attributes, AttributeValue, one, values

_SIZE = re.compile(r".+_(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|in)")
_HUNDREDTHS = {"mm": Decimal(100), "in": Decimal(2540)}


def size_of(name: str) -> tuple[int, int] | None:
    """Width and length in hundredths of millimetres; None for a name without a size."""
    found = _SIZE.fullmatch(name)
    if found is None:
        return None
    width, length, unit = found.groups()
    return int(Decimal(width) * _HUNDREDTHS[unit]), int(Decimal(length) * _HUNDREDTHS[unit])


def as_collection(name: str) -> AttributeValue | None:
    """Return the `media-col` value of a medium (PWG 5100.7 section 6.3)."""
    size = size_of(name)
    if size is None:
        return None
    width, length = size
    dimensions = {"x-dimension": one(INTEGER, width), "y-dimension": one(INTEGER, length)}
    return AttributeValue(
        COLLECTION,
        {"media-size": (AttributeValue(COLLECTION, dimensions),), "media-size-name": one(KEYWORD, name)},
    )


def completed(attributes: Attributes) -> Attributes:
    """Return the media attributes of IPP Everywhere that follow from those that a device reported by name only."""
    names = [str(name) for name in values(attributes, "media-supported")]
    default = [str(name) for name in values(attributes, "media-default")] or names[:1]
    ready = [str(name) for name in values(attributes, "media-ready")] or default
    collections = {
        "media-col-default": _collections(default[:1]),
        "media-col-ready": _collections(ready),
        "media-col-database": _collections(names),
    }
    found: Attributes = {name: value for name, value in collections.items() if value}
    if found:
        found["media-col-supported"] = (
            AttributeValue(KEYWORD, "media-size"),
            AttributeValue(KEYWORD, "media-size-name"),
        )
        found["media-size-supported"] = tuple(
            item.value["media-size"][0] for item in collections["media-col-database"]
        )
        found["media-default"] = one(KEYWORD, default[0])
        found["media-ready"] = tuple(AttributeValue(KEYWORD, name) for name in ready)
    return {name: value for name, value in found.items() if name not in attributes}


def _collections(names: list[str]) -> tuple[AttributeValue, ...]:
    return tuple(item for name in names if (item := as_collection(name)) is not None)
