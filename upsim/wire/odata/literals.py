"""Primitive literals as they appear in URLs: OData 4.01 ABNF section 7 (``primitiveLiteral``)."""

from __future__ import annotations

import math
import re
from datetime import UTC, date, datetime
from uuid import UUID

from msgspec import Struct


class EnumMember(Struct, frozen=True):
    """A qualified enumeration literal: ``microsoft.graph.printEvent'jobStarted'``."""

    type_name: str
    member: str


Scalar = str | int | float | bool | date | datetime | UUID | EnumMember | None

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# The seconds and the zone may be missing (then UTC is meant), and a "+" that was not
# percent-encoded has become a space by the time the text arrives here.
_ZONE = r"(?:[Zz]|[+\- ][0-9]{2}:[0-9]{2})"
_DATE_TIME = rf"{_DATE}[Tt][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]{{1,12}})?)?{_ZONE}?"
_STRING = r"'(?:[^']|'')*+'"

# Longest meaning first: a date begins like a number and a date-time like a date.
LITERAL = (
    r"(?P<guid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})"
    rf"|(?P<datetime>{_DATE_TIME})"
    rf"|(?P<date>{_DATE})"
    r"|(?P<number>[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)"
    rf"|(?P<string>{_STRING})"
    rf"|(?P<enum>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+{_STRING})"
)

KEYWORDS: dict[str, bool | None] = {"null": None, "true": True, "false": False}

# The longest number anyone means; Python takes quadratic time over very long ones.
_NUMBER_LENGTH_MAX = 40

_MOMENT = re.compile(rf"(?P<datetime>{_DATE_TIME})|(?P<date>{_DATE})")


def read_literal(kind: str, text: str) -> Scalar:
    """Return the value of a literal that ``LITERAL`` matched; ``ValueError`` when it has none, as month 13."""
    match kind:
        case "guid":
            return UUID(text)
        case "datetime":
            return _read_date_time(text)
        case "date":
            return date.fromisoformat(text)
        case "number":
            return _read_number(text)
        case "string":
            return _unquote(text)
        case _:
            type_name, quote, rest = text.partition("'")
            return EnumMember(type_name, _unquote(quote + rest))


def format_literal(value: Scalar) -> str:
    """Return a value as a literal that reads back as the same value."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _quote(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case EnumMember():
            return value.type_name + _quote(value.member)
        case _:
            return str(value)


def read_moment(text: str) -> datetime | date | None:
    """Return the date or the instant a JSON string spells, if it spells one."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    try:
        return _read_date_time(text) if match["datetime"] else date.fromisoformat(text)
    except ValueError:
        return None


def _read_date_time(text: str) -> datetime:
    # Graph writes seven fraction digits; Python reads six of them.
    moment = datetime.fromisoformat(text.upper().replace(" ", "+"))
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{text} is outside the calendar") from error


def _read_number(text: str) -> int | float:
    if len(text) > _NUMBER_LENGTH_MAX:
        raise ValueError("the number has too many digits")
    if text.lstrip("+-").isdigit():
        return int(text)
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _unquote(text: str) -> str:
    return text[1:-1].replace("''", "'")
