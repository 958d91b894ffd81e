"""The printer attributes of an `application/ipp` body, as the core keeps attributes (printer: update)."""

from collections.abc import Iterable
from typing import Any

from upsim.domain.attributes import Attributes, AttributeValue
from upsim.domain.faults import Fault, Refused
from upsim.wire.ipp.decode import Malformed, decode_group
from upsim.wire.ipp.values import Attribute, Collection, DateTime, Range, Resolution, WithLanguage


def read_printer_attributes(body: bytes) -> Attributes:
    """The attributes of the one printer group; header and end tag are optional, as the sample has neither."""
    try:
        return _attributes(decode_group(body))
    except Malformed as error:
        raise Refused(
            Fault.INVALID, f"The body is not an IPP printer attributes group: {error}.", reason="ipp-malformed"
        ) from error


def _attributes(attributes: Iterable[Attribute]) -> Attributes:
    return {
        name: tuple(AttributeValue(tag, _value(value)) for tag, value in values) for name, values in attributes
    }


def _value(value: Any) -> Any:
    match value:
        case WithLanguage(language, text):
            return [_text(language), _text(text)]
        case Resolution(x, y, units):
            return [x, y, units]
        case Range(lower, upper):
            return [lower, upper]
        case DateTime(octets):
            return octets.hex()
        case bytes():
            return value.hex()
        case str():
            return _text(value)
        case Collection(members):
            return {name: list(values) for name, values in _attributes(members).items()}
        case _:
            return value


def _text(text: str) -> str:
    """Text that can be stored: octets that were not UTF-8 become replacement characters."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
