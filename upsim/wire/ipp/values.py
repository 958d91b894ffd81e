"""Values, attributes and attribute groups: RFC 8010 section 3.9 and RFC 8011 section 5.1, immutable.

A `Value` is a tag and the Python value it carries:

    integer, enum                           int
    boolean                                 bool
    text, name, keyword, uri, ...           str
    textWithLanguage, nameWithLanguage      WithLanguage
    octetString and tags not known here     bytes
    dateTime                                DateTime
    resolution                              Resolution
    rangeOfInteger                          Range
    collection                              Collection
    out-of-band (no-value, unknown, ...)    None

A string that is not valid UTF-8 has its stray octets as surrogate escapes (PEP 383), so what was received
is what is sent again, octet for octet.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from struct import Struct as Layout
from typing import Any, NamedTuple, Self, TypeAlias

from msgspec import Struct

from .tags import is_out_of_band

DOTS_PER_INCH = 3
DOTS_PER_CENTIMETER = 4


class WithLanguage(Struct, frozen=True):
    """textWithLanguage and nameWithLanguage: a string in a natural language of its own."""

    language: str
    text: str

    def __str__(self) -> str:
        return self.text


class Resolution(Struct, frozen=True):
    """Dots in the cross-feed (x) and feed (y) direction, by DOTS_PER_INCH or DOTS_PER_CENTIMETER."""

    x: int
    y: int
    units: int = DOTS_PER_INCH

    def __str__(self) -> str:
        units = {DOTS_PER_INCH: "dpi", DOTS_PER_CENTIMETER: "dpcm"}.get(self.units, f"(units {self.units})")
        return f"{self.x}{units}" if self.x == self.y else f"{self.x}x{self.y}{units}"


class Range(Struct, frozen=True):
    """rangeOfInteger, both bounds included."""

    lower: int
    upper: int

    def __contains__(self, number: int) -> bool:
        return self.lower <= number <= self.upper

    def __str__(self) -> str:
        return f"{self.lower}-{self.upper}"


_DATE_AND_TIME = Layout(">HBBBBBBcBB")


class DateTime(Struct, frozen=True):
    """A moment as the 11 octets of DateAndTime in RFC 2579, which RFC 8011 section 5.1.15 takes over.

    The octets are stored as received: printers do send days that no calendar has.
    """

    octets: bytes

    def __post_init__(self) -> None:
        if len(self.octets) != _DATE_AND_TIME.size:
            raise ValueError(f"dateTime has {len(self.octets)} octets, not {_DATE_AND_TIME.size}")

    @classmethod
    def from_datetime(cls, moment: datetime) -> Self:
        """Return the moment with its offset from UTC, to the tenth of a second."""
        offset = moment.utcoffset()
        if offset is None:
            raise ValueError("a dateTime needs to know its offset from UTC")
        if offset % timedelta(minutes=1):
            return cls.from_datetime(moment.astimezone(UTC))
        hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
        direction = b"-" if offset < timedelta() else b"+"
        year, month, day, hour, minute, second, *_ = moment.timetuple()
        tenths = moment.microsecond // 100_000
        return cls(_DATE_AND_TIME.pack(year, month, day, hour, minute, second, tenths, direction, hours, minutes))

    def to_datetime(self) -> datetime:
        """Return the moment as an aware datetime; ValueError where the octets name no moment.

        RFC 2579 allows a leap second, Python does not: it reads as the second before.
        """
        *date_and_time, tenths, direction, hours, minutes = _DATE_AND_TIME.unpack(self.octets)
        year, month, day, hour, minute, second = date_and_time
        if direction not in {b"+", b"-"}:
            raise ValueError(f"dateTime has the direction from UTC {direction!r}, not '+' or '-'")
        ahead = timedelta(hours=hours, minutes=minutes)
        zone = timezone(ahead if direction == b"+" else -ahead)
        second = 59 if second == 60 else second
        return datetime(year, month, day, hour, minute, second, tenths * 100_000, zone)

    def __str__(self) -> str:
        try:
            return self.to_datetime().isoformat().replace("+00:00", "Z")
        except ValueError:
            return f"<{self.octets.hex()}>"


class Value(NamedTuple):
    """One value and the tag it travels under. A tuple, since messages have hundreds and it is made fastest."""

    tag: int
    value: "PythonValue"


class Attribute(NamedTuple):
    """A name with its values: one, or several for a 1setOf; never none in a message."""

    name: str
    values: tuple[Value, ...]

    @property
    def value(self) -> Any:
        """The first value: the only one, unless this is a 1setOf."""
        return self.values[0].value

    @property
    def tag(self) -> int:
        """The tag of the first value."""
        return self.values[0].tag


class Collection(Struct, frozen=True):
    """A collection value: attributes inside a value (RFC 8010 section 3.1.6)."""

    members: tuple[Attribute, ...] = ()

    def get(self, name: str) -> Attribute | None:
        """Return the member of this name, or None."""
        return _find(self.members, name)

    def value(self, name: str, default: Any = None) -> Any:
        """Return the member's first value, or the default where it is absent or out-of-band."""
        return _value(self.get(name), default)

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self.members)


PythonValue: TypeAlias = (
    int | bool | str | bytes | WithLanguage | DateTime | Resolution | Range | Collection | None
)


@dataclass(frozen=True, slots=True)
class AttributeGroup:
    """A group of attributes under its tag: operation attributes, one job, one printer and so on.

    The typed readers (`string`, `integers`, ...) look at names and Python types, not at tags: peers send a
    uri as charset or text and a name as uri, and still mean the same.
    """

    tag: int
    attributes: tuple[Attribute, ...] = ()

    def get(self, name: str) -> Attribute | None:
        """Return the first attribute of this name, or None."""
        return _find(self.attributes, name)

    def value(self, name: str, default: Any = None) -> Any:
        """Return the attribute's first value, or the default where it is absent or out-of-band."""
        return _value(self.get(name), default)

    def values(self, name: str) -> tuple[Any, ...]:
        """Return all the attribute's values without those out-of-band; empty where it is absent."""
        attribute = self.get(name)
        values = attribute.values if attribute is not None else ()
        return tuple([value for tag, value in values if not is_out_of_band(tag)])

    def string(self, name: str) -> str | None:
        """Return the first value that is a string, whatever string tag it has."""
        attribute = _find(self.attributes, name)
        if attribute is not None:
            for tag, value in attribute[1]:
                if isinstance(value, str | WithLanguage) and not is_out_of_band(tag):
                    return str(value)
        return None

    def strings(self, name: str) -> tuple[str, ...]:
        """Return all values that are strings, with or without a language."""
        return tuple([str(value) for value in self.values(name) if isinstance(value, str | WithLanguage)])

    def integer(self, name: str) -> int | None:
        """Return the first value that is an integer or enum."""
        attribute = _find(self.attributes, name)
        if attribute is not None:
            for tag, value in attribute[1]:
                if type(value) is int and not is_out_of_band(tag):
                    return value
        return None

    def integers(self, name: str) -> tuple[int, ...]:
        """Return all values that are integers or enums."""
        return tuple([value for value in self.values(name) if type(value) is int])

    def boolean(self, name: str) -> bool | None:
        """Return the first value if it is a boolean."""
        value = self.value(name)
        return value if isinstance(value, bool) else None

    def duplicates(self) -> tuple[str, ...]:
        """Return the names that occur twice, which RFC 8010 section 3.1.4 forbids and the decoder accepts."""
        times = Counter([attribute.name for attribute in self.attributes])
        return tuple([name for name, count in times.items() if count > 1])

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def __iter__(self) -> Iterator[Attribute]:
        return iter(self.attributes)


def _find(attributes: tuple[Attribute, ...], name: str) -> Attribute | None:
    for attribute in attributes:
        if attribute[0] == name:
            return attribute
    return None


def _value(attribute: Attribute | None, default: Any) -> Any:
    if attribute is None or is_out_of_band(attribute.tag):
        return default
    return attribute.value
