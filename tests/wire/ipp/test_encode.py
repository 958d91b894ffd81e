"""Messages to bytes, held against the same goldens, and what cannot be encoded."""

import pytest

from tests.support.ipp.goldens import MESSAGES, read_hex
from upsim.wire.ipp import build
from upsim.wire.ipp.decode import decode
from upsim.wire.ipp.encode import EncodedGroup, Unencodable, encode, encode_attribute, encode_group
from upsim.wire.ipp.message import Message
from upsim.wire.ipp.values import Attribute, AttributeGroup, Collection, Range, Value


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_encodes_to_its_golden(name):
    assert encode(MESSAGES[name]) == read_hex(name)


def test_an_attribute_encodes_alone():
    assert encode_attribute(build.boolean("a", True, False)) == bytes.fromhex("220001610001012200000001 00")


def test_a_group_encodes_alone():
    assert encode_group(build.group(4, build.no_value("a"))) == bytes.fromhex("04 13 0001 61 0000")


def test_out_of_band_octets_a_peer_sent_go_out_again():
    assert encode_attribute(Attribute("a", (Value(0x13, b"b"),))) == bytes.fromhex("13 0001 61 0001 62")


@pytest.mark.parametrize("name", MESSAGES)
def test_groups_encoded_in_advance_give_the_same_message(name):
    message = MESSAGES[name]
    encoded = [EncodedGroup(group.tag, tuple(map(encode_attribute, group))) for group in message.groups]
    assert encode(message._replace(groups=tuple(encoded))) == read_hex(name)


def test_a_group_encoded_in_advance_reads_like_any_other():
    parts = (encode_attribute(build.integer("copies", 2)), encode_attribute(build.keyword("sides", "one-sided")))
    message = Message((2, 0), 0, 1, (EncodedGroup(2, parts),))
    assert message.group(2).value("sides") == "one-sided"
    assert message.group(2).attributes == decode(encode(message))[0].group(2).attributes
    assert message.group(2) == EncodedGroup(2, parts)
    assert repr(message.group(2)).startswith("EncodedGroup(tag=2, parts=(b'")


def test_a_group_encoded_in_advance_cannot_be_changed():
    with pytest.raises(AttributeError):
        EncodedGroup(2, ()).tag = 4


@pytest.mark.parametrize(
    "attribute",
    [
        Attribute("", (Value(0x21, 1),)),
        Attribute("a", ()),
        Attribute("a" * 32_768, (Value(0x21, 1),)),
        build.integer("a", 2**31),
        build.text("a", "x" * 32_768),
        build.text("a", "\ud800"),
        build.range_("a", Range(0, 2**31)),
        Attribute("a", (Value(0x21, "1"),)),
        Attribute("a", (Value(0x21, 1), Value(0x22, "true"))),
        Attribute("a", (Value(0x22, 2),)),
        Attribute("a", (Value(0x30, "text"),)),
        Attribute("a", (Value(0x31, b"octets"),)),
        Attribute("a", (Value(0x35, "text"),)),
        Attribute("a", (Value(0x44, b"octets"),)),
        Attribute("a", (Value(0x13, 0),)),
        Attribute("a", (Value(0x04, 1),)),
        Attribute("a", (Value(0x37, None),)),
        Attribute("a", (Value(0x4A, "a"),)),
        Attribute("a", (Value(0x100, b""),)),
        build.collection("a", Collection((Attribute("m", ()),))),
        build.collection("a", Collection((Attribute("", (Value(0x21, 1),)),))),
    ],
    ids=repr,
)
def test_what_fits_no_tag_or_length_cannot_be_encoded(attribute):
    with pytest.raises(Unencodable):
        encode_attribute(attribute)


def test_the_fault_names_the_attribute():
    with pytest.raises(Unencodable, match="copies"):
        encode_attribute(build.integer("copies", 2**31))


def test_endless_nesting_cannot_be_encoded():
    collection = build.members()
    for _ in range(100_000):
        collection = build.members(Attribute("m", (Value(0x34, collection),)))
    with pytest.raises(Unencodable):
        encode_attribute(build.collection("a", collection))
    while collection.members:  # take it apart from outside, as CPython would recurse to free it
        collection = collection.value("m")


@pytest.mark.parametrize("tag", [3, 16, -1, 256])
def test_a_group_needs_the_tag_of_a_group(tag):
    with pytest.raises(Unencodable, match="not the tag of a group"):
        encode_group(AttributeGroup(tag))


@pytest.mark.parametrize("header", [((256, 0), 0, 1), ((2, 0), 0x10000, 1), ((2, 0), 0, 2**31)])
def test_a_header_has_room_for_its_numbers_only(header):
    with pytest.raises(Unencodable, match="header"):
        encode(Message(*header))
