"""The syntax of an attribute as the standards write it, `1setOf (keyword | name(MAX))`: RFC 8011 section 5.1."""

import re
from typing import NamedTuple

INTEGER_MIN = -(2**31)
INTEGER_MAX = 2**31 - 1

# RFC 8011 section 5.1: what MAX means for each syntax, in octets; for those of fixed length nothing.
OCTETS_MAX = {
    "text": 1023,
    "name": 255,
    "keyword": 255,
    "uri": 1023,
    "uriScheme": 63,
    "charset": 63,
    "naturalLanguage": 63,
    "mimeMediaType": 255,
    "octetString": 1023,
}

_INTEGERS = frozenset({"integer", "rangeOfInteger"})
_FIXED = ("boolean", "enum", "dateTime", "resolution", "collection", "no-value", "unknown")
_NAMES = "|".join(sorted([*OCTETS_MAX, *_INTEGERS, *_FIXED], key=len, reverse=True))
_ALTERNATIVE = re.compile(rf"({_NAMES})(?:\s*[(:]\s*(-?\w+)(?:\s*:\s*(-?\w+))?)?")


class Alternative(NamedTuple):
    """One syntax of several: its name, and bounds of the number (integers) or of the octets (strings)."""

    name: str
    lower: int | None = None
    upper: int | None = None


class Syntax(NamedTuple):
    """Whether several values are allowed, and what each may be."""

    is_set: bool
    alternatives: tuple[Alternative, ...]


def parse(text: str) -> Syntax:
    """Read a syntax. Forgiving: the registry has a few with a stray or missing bracket."""
    found = [_alternative(*match.groups()) for match in _ALTERNATIVE.finditer(text)]
    return Syntax("1setOf" in text, tuple(found))


def _alternative(name: str, first: str | None, second: str | None) -> Alternative:
    if name in _INTEGERS:
        lower, upper = (first, second) if second is not None else (None, first)
        return Alternative(name, _bound(lower, INTEGER_MIN), _bound(upper, INTEGER_MAX))
    if name in OCTETS_MAX:
        return Alternative(name, None, _bound(first, OCTETS_MAX[name]))
    return Alternative(name)


def _bound(text: str | None, extreme: int) -> int:
    if text == "MIN":
        return INTEGER_MIN
    return extreme if text in {None, "MAX"} else int(text)
