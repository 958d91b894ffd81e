"""Limits of the size of a message, and the error for octets that exceed them or are no message."""

from msgspec import Struct

MIB = 1024 * 1024


class Limits(Struct, frozen=True):
    """Limits of everything that can grow in a message. Exceeding one raises `Malformed`."""

    message_bytes: int = 4 * MIB
    """From the version to the end-of-attributes tag. Document data does not count."""

    tokens: int = 250_000
    """In a message: delimiters, names of members, values. Five octets received can be hundreds in memory."""

    attributes_per_group: int = 4_096
    """In a group, and members in one collection."""

    values_per_attribute: int = 16_384
    """In a 1setOf. The longest in use are media-col-database and lists of fonts."""

    collection_depth: int = 16
    """Collections inside collections. The standards use three."""

    name_bytes: int = 255
    """An attribute name is a keyword: at most 255 octets (RFC 8011 section 5.1.4)."""

    value_bytes: int = 32_767
    """value-length is a SIGNED-SHORT (RFC 8010 section 3.2)."""


DEFAULT = Limits()


class Malformed(ValueError):
    """The octets are not an IPP message, or exceed the limits: the first thing wrong, and where."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason, offset)
        self.reason = reason
        self.offset = offset

    def __str__(self) -> str:
        return f"{self.reason} (at octet {self.offset})"
