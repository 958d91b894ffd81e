"""Attribute groups from tokens: RFC 8010 sections 3.1.2 to 3.1.7.

After its header a message is a row of tokens:

    delimiter           tag
    attribute           tag, name-length, name, value-length, value
    additional value    tag, 0, value-length, value

A collection is spelled in additional values: begCollection, then for each member a memberAttrName whose value
is the member's name and the member's values, then endCollection. So one flat loop reads everything. It does
not recurse, does work in proportion to the octets, and can stop between any two tokens to wait for more.
"""

from collections.abc import Callable
from struct import Struct
from typing import TypeAlias

from .limits import Limits, Malformed
from .syntaxes import SYNTAXES, integer, string
from .tags import FIRST_VALUE_TAG, GroupTag, ValueTag
from .values import Attribute, AttributeGroup, Collection, PythonValue, Value

# Tag, name-length and value-length: what any token has that is not a delimiter.
_TOKEN_BYTES = 5

_INTEGER = Struct(">i").unpack_from
_LENGTH = Struct(">H").unpack_from
_LENGTHS = Struct(">HH").unpack_from
_END = int(GroupTag.END)
_BEG_COLLECTION = int(ValueTag.BEG_COLLECTION)

# A tuple made without the Python frame of its class takes half the time, and decoding is mostly this.
_new = tuple.__new__

# What the open group, or the innermost open collection, has so far: names, each with its list of values...
_Named: TypeAlias = list[tuple[str, list[Value]]]
# ... and the last of these lists, where additional values go; None before the first name.
_Values: TypeAlias = list[Value] | None


class TokenReader:
    """The groups of a message as far as it has been read.

    `_outer` holds the containers around the open collections, outermost first.
    """

    __slots__ = (
        "_count",
        "_limits",
        "_named",
        "_outer",
        "_position",
        "_tag",
        "_values",
        "complete",
        "groups",
        "needed",
    )

    def __init__(self, limits: Limits) -> None:
        self.complete = False
        self.groups: list[AttributeGroup] = []
        self.needed = 1
        self._limits = limits
        self._count = 0
        self._position = 0
        self._tag: int | None = None
        self._named: _Named = []
        self._values: _Values = None
        self._outer: list[tuple[_Named, list[Value]]] = []

    def read(self, data: bytes, position: int, base: int = 0) -> int:
        """Read up to the end-of-attributes tag or the last whole token; the position after it.

        `base` is where in the message the data starts. Afterwards `needed` is how many octets from the
        position on the next step takes.
        """
        try:
            self._read(data, position)
        except ValueError as error:
            raise Malformed(str(error), base + self._position) from None
        return self._position

    def _read(self, data: bytes, position: int) -> None:  # noqa: C901, PLR0912, PLR0915
        """Read all whole tokens.

        It is one long loop, with strings and integers decoded in place, because each call taken out of it saves
        about a twentieth of the time.
        """
        size = len(data)
        limits = self._limits
        names_max, values_max = limits.attributes_per_group, limits.values_per_attribute
        named, values = self._named, self._values
        needed = 1
        for count in range(self._count, limits.tokens):  # noqa: B007
            self._position = position
            if position == size:
                break
            tag = data[position]
            if tag < FIRST_VALUE_TAG:
                named, values = self._delimiter(tag, named)
                position += 1
                if tag == _END:
                    self._position = position
                    break
                continue

            start = position + _TOKEN_BYTES
            if start > size:
                needed = _TOKEN_BYTES
                break
            name_length, value_length = _LENGTHS(data, position + 1)
            if name_length:
                if name_length > limits.name_bytes:
                    raise ValueError(f"a name is longer than {limits.name_bytes} octets")
                start += name_length
                if start > size:
                    needed = start - position
                    break
                (value_length,) = _LENGTH(data, start - 2)
            if value_length > limits.value_bytes:
                raise ValueError(f"a value is longer than {limits.value_bytes} octets")
            stop = start + value_length
            if stop > size:
                needed = stop - position
                break

            if name_length:
                if self._outer or self._tag is None:
                    raise ValueError("an attribute starts outside a group or inside a collection")
                if len(named) >= names_max:
                    raise ValueError(f"more than {names_max} attributes in a group")
                values = []
                named.append((data[position + 3 : start - 2].decode("utf-8", "surrogateescape"), values))
            position = stop

            syntax = SYNTAXES[tag]
            if syntax is None:
                named, values = _PUNCTUATION[tag](self, named, values, data[start:stop])
                continue
            if syntax is string:
                value: PythonValue = data[start:stop].decode("utf-8", "surrogateescape")
            elif syntax is integer and value_length == 4:
                (value,) = _INTEGER(data, start)
            else:
                value = syntax(data[start:stop])
            if values is None:
                raise ValueError("a value precedes the first name")
            if len(values) >= values_max:
                raise ValueError(f"more than {values_max} values in an attribute")
            values.append(_new(Value, (tag, value)))
        else:
            raise ValueError(f"more than {limits.tokens} tokens")
        self._named, self._values = named, values
        self._count, self.needed = count, needed

    def finish(self, offset: int) -> None:
        """Close the last group as an end-of-attributes tag would."""
        self.read(bytes([_END]), 0, offset)

    def _delimiter(self, tag: int, named: _Named) -> tuple[_Named, _Values]:
        if self._outer:
            raise ValueError("the group ends inside a collection")
        if self._tag is not None:
            self.groups.append(AttributeGroup(self._tag, _attributes(named)))
        self._tag = tag
        self.complete = tag == _END
        return [], None

    def _begin_collection(self, named: _Named, values: _Values, octets: bytes) -> tuple[_Named, _Values]:
        if octets:
            raise ValueError("begCollection has a value")
        if values is None:
            raise ValueError("a collection precedes the first name")
        if len(self._outer) >= self._limits.collection_depth:
            raise ValueError(f"collections are nested deeper than {self._limits.collection_depth}")
        self._outer.append((named, values))
        return [], None

    def _member_name(self, named: _Named, values: _Values, octets: bytes) -> tuple[_Named, _Values]:
        if not self._outer:
            raise ValueError("memberAttrName is outside a collection")
        if values is not None and not values:
            raise ValueError("a member has no value")
        if not 0 < len(octets) <= self._limits.name_bytes:
            raise ValueError(f"the name of a member is not of 1 to {self._limits.name_bytes} octets")
        if len(named) >= self._limits.attributes_per_group:
            raise ValueError(f"more than {self._limits.attributes_per_group} members in a collection")
        values = []
        named.append((octets.decode("utf-8", "surrogateescape"), values))
        return named, values

    def _end_collection(self, named: _Named, values: _Values, octets: bytes) -> tuple[_Named, _Values]:
        if not self._outer:
            raise ValueError("endCollection is outside a collection")
        if values is not None and not values:
            raise ValueError("a member has no value")
        if octets:
            raise ValueError("endCollection has a value")
        members = _attributes(named)
        named, values = self._outer.pop()
        if len(values) >= self._limits.values_per_attribute:
            raise ValueError(f"more than {self._limits.values_per_attribute} values in an attribute")
        values.append(_new(Value, (_BEG_COLLECTION, Collection(members))))
        return named, values


def _attributes(named: _Named) -> tuple[Attribute, ...]:
    return tuple([_new(Attribute, (name, tuple(values))) for name, values in named])


# The three are methods for their state only; as functions in a table they are found by tag.
_PUNCTUATION: dict[int, Callable[[TokenReader, _Named, _Values, bytes], tuple[_Named, _Values]]] = {
    ValueTag.BEG_COLLECTION: TokenReader._begin_collection,  # noqa: SLF001
    ValueTag.MEMBER_ATTR_NAME: TokenReader._member_name,  # noqa: SLF001
    ValueTag.END_COLLECTION: TokenReader._end_collection,  # noqa: SLF001
}
