"""Attributes between the wire and the store."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from upsim.domain.attributes import Attributes
from upsim.server.ipp_attributes import read_attributes, represent_attributes
from upsim.wire.ipp import build
from upsim.wire.ipp.decode import decode_attributes
from upsim.wire.ipp.encode import encode_attribute
from upsim.wire.ipp.values import Attribute, DateTime, Range, Resolution, Value, WithLanguage

number = some.integers(-(2**31), 2**31 - 1)
text = some.text(some.characters(codec="utf-8"), max_size=20)
name = some.text("abcdefgh-", min_size=1, max_size=12)
plain = some.one_of(
    number.map(lambda value: (0x21, value)),
    number.map(lambda value: (0x23, value)),
    some.booleans().map(lambda value: (0x22, value)),
    some.binary(max_size=9).map(lambda value: (0x30, value)),
    some.binary(min_size=11, max_size=11).map(lambda value: (0x31, DateTime(value))),
    some.tuples(number, number).map(lambda pair: (0x32, Resolution(*pair, 3))),
    some.tuples(number, number).map(lambda pair: (0x33, Range(*pair))),
    some.tuples(text, text).map(lambda pair: (0x35, WithLanguage(*pair))),
    some.tuples(some.sampled_from([0x41, 0x42, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49]), text),
    some.sampled_from([0x10, 0x12, 0x13, 0x15, 0x16]).map(lambda tag: (tag, None)),
    some.binary(max_size=9).map(lambda value: (0x7E, value)),
)


def attributes_of(values: some.SearchStrategy[tuple[int, object]]) -> some.SearchStrategy[list[Attribute]]:
    attribute = some.tuples(name, some.lists(values.map(lambda pair: Value(*pair)), min_size=1, max_size=3))
    return some.lists(
        attribute.map(lambda pair: Attribute(pair[0], tuple(pair[1]))),
        max_size=4,
        unique_by=lambda item: item.name,
    )


nested = some.recursive(
    plain, lambda inner: attributes_of(inner).map(lambda items: (0x34, build.members(*items))), max_leaves=6
)


@given(attributes_of(nested))
def test_what_a_device_reports_comes_back_octet_for_octet(attributes: list[Attribute]) -> None:
    """Through the store's JSON as well."""
    stored = msgspec.json.encode(read_attributes(attributes))
    again = represent_attributes(msgspec.json.decode(stored, type=Attributes))
    assert [encode_attribute(item) for item in again] == [encode_attribute(item) for item in attributes]


def test_text_that_is_not_utf8_can_be_stored() -> None:
    (attribute,) = decode_attributes(b"\x41\x00\x01x\x00\x03a\xffb")
    stored = read_attributes([attribute])
    assert stored["x"][0].value == "a\N{REPLACEMENT CHARACTER}b"
    assert msgspec.json.encode(stored)


@pytest.mark.parametrize("octets", [b"\x13\x00\x01x\x00\x02zz", b"\x16\x00\x01x\x00\x00"])
def test_out_of_band_values_with_and_without_octets(octets: bytes) -> None:
    stored = read_attributes(decode_attributes(octets))
    assert b"".join(encode_attribute(item) for item in represent_attributes(stored)) == octets
