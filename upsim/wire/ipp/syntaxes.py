"""Values from octets: RFC 8010 section 3.9. Each function takes the whole value and refuses by ValueError."""

from collections.abc import Callable
from operator import methodcaller
from struct import Struct

from .tags import CHARACTER_STRING_TAGS, COLLECTION_TAGS, OUT_OF_BAND_TAGS, ValueTag
from .values import DateTime, PythonValue, Range, Resolution, WithLanguage

_INTEGER = Struct(">i").unpack
_RANGE = Struct(">ii").unpack
_RESOLUTION = Struct(">iib").unpack

# The text of a string value or a name. Octets that are not UTF-8 become surrogate escapes: see `values`.
string: Callable[[bytes], str] = methodcaller("decode", "utf-8", "surrogateescape")


def _out_of_band(octets: bytes) -> PythonValue:
    """Read an out-of-band value, which should be empty; octets that a peer sends all the same are stored."""
    return octets or None


def integer(octets: bytes) -> PythonValue:
    if len(octets) != 4:
        raise ValueError(f"an integer has {len(octets)} octets, not 4")
    number: int = _INTEGER(octets)[0]
    return number


def _boolean(octets: bytes) -> PythonValue:
    if octets == b"\x01":
        return True
    if octets == b"\x00":
        return False
    raise ValueError("a boolean is not one octet of 0 or 1")


def _resolution(octets: bytes) -> PythonValue:
    if len(octets) != 9:
        raise ValueError(f"a resolution has {len(octets)} octets, not 9")
    return Resolution(*_RESOLUTION(octets))


def _range(octets: bytes) -> PythonValue:
    if len(octets) != 8:
        raise ValueError(f"a rangeOfInteger has {len(octets)} octets, not 8")
    return Range(*_RANGE(octets))


def _with_language(octets: bytes) -> PythonValue:
    """Return two strings, each with its length in front."""
    language, rest = _prefixed(octets)
    text, rest = _prefixed(rest)
    if rest:
        raise ValueError("a string with language has octets after its text")
    return WithLanguage(string(language), string(text))


def _prefixed(octets: bytes) -> tuple[bytes, bytes]:
    stop = 2 + int.from_bytes(octets[:2])
    if stop > len(octets):
        raise ValueError("a string with language is shorter than its lengths say")
    return octets[2:stop], octets[stop:]


_BY_TAG: dict[int, Callable[[bytes], PythonValue] | None] = {
    **dict.fromkeys(OUT_OF_BAND_TAGS, _out_of_band),
    **dict.fromkeys(CHARACTER_STRING_TAGS, string),
    **dict.fromkeys(COLLECTION_TAGS),
    ValueTag.INTEGER: integer,
    ValueTag.BOOLEAN: _boolean,
    ValueTag.ENUM: integer,
    ValueTag.DATE_TIME: DateTime,
    ValueTag.RESOLUTION: _resolution,
    ValueTag.RANGE_OF_INTEGER: _range,
    ValueTag.TEXT_WITH_LANGUAGE: _with_language,
    ValueTag.NAME_WITH_LANGUAGE: _with_language,
}

# By tag; None for the punctuation of collections. What the table does not name stays octets: octetString,
# extension, and every tag not assigned.
SYNTAXES = [_BY_TAG.get(tag, bytes) for tag in range(256)]
