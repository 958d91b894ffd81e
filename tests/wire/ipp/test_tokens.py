"""The structure of attribute groups: every rule of RFC 8010 section 3.1 that can be broken, and every limit."""

import pytest

from upsim.wire.ipp.decode import decode
from upsim.wire.ipp.limits import DEFAULT, Limits, Malformed
from upsim.wire.ipp.tags import GroupTag

HEADER = bytes.fromhex("0200 000a 00000001")
GROUP = b"\x01"
END = b"\x03"
COLLECTION = b"\x34\x00\x01a\x00\x00"
NESTED = b"\x34\x00\x00\x00\x00"
MEMBER = b"\x4a\x00\x00\x00\x01m"
CLOSE = b"\x37\x00\x00\x00\x00"
VALUE = b"\x44\x00\x01a\x00\x01x"
MORE = b"\x44\x00\x00\x00\x01x"


def groups(*tokens, limits=DEFAULT):
    return decode(HEADER + b"".join(tokens), limits)[0].groups


@pytest.mark.parametrize(
    ("tokens", "reason", "offset"),
    [
        ([VALUE], "an attribute starts outside a group", 8),
        ([MORE], "a value precedes the first name", 8),
        ([NESTED], "a collection precedes the first name", 8),
        ([GROUP, MORE], "a value precedes the first name", 9),
        ([GROUP, VALUE, GROUP, MORE], "a value precedes the first name", 17),
        ([GROUP, CLOSE], "endCollection is outside a collection", 9),
        ([GROUP, MEMBER], "memberAttrName is outside a collection", 9),
        ([GROUP, b"\x37\x00\x01a\x00\x00"], "endCollection is outside a collection", 9),
        ([GROUP, COLLECTION, VALUE], "inside a collection", 15),
        ([GROUP, COLLECTION, MORE], "a value precedes the first name", 15),
        ([GROUP, COLLECTION, NESTED], "a collection precedes the first name", 15),
        ([GROUP, COLLECTION, END], "the group ends inside a collection", 15),
        ([GROUP, COLLECTION, MEMBER, NESTED, CLOSE, GROUP], "the group ends inside a collection", 31),
        ([GROUP, COLLECTION, MEMBER, MEMBER], "a member has no value", 21),
        ([GROUP, COLLECTION, MEMBER, CLOSE], "a member has no value", 21),
        ([GROUP, COLLECTION, b"\x4a\x00\x00\x00\x00"], "the name of a member is not of 1 to 255 octets", 15),
        ([GROUP, b"\x34\x00\x01a\x00\x01x"], "begCollection has a value", 9),
        ([GROUP, COLLECTION, b"\x37\x00\x00\x00\x01x"], "endCollection has a value", 15),
    ],
)
def test_a_broken_structure_is_malformed_where_it_breaks(tokens, reason, offset):
    with pytest.raises(Malformed, match=reason) as malformed:
        groups(*tokens)
    assert malformed.value.offset == offset


def test_a_message_may_have_no_groups():
    assert groups(END) == ()


def test_a_group_may_be_empty():
    assert [group.tag for group in groups(GROUP, b"\x02", b"\x02", END)] == [1, 2, 2]


@pytest.mark.parametrize("tag", [tag for tag in range(16) if tag != GroupTag.END])
def test_every_low_tag_but_the_end_starts_a_group(tag):
    (group,) = groups(bytes([tag]), VALUE, END)
    assert (group.tag, group.value("a")) == (tag, "x")


def test_additional_values_join_the_attribute_before_them():
    (group,) = groups(GROUP, VALUE, MORE, MORE, END)
    assert group.values("a") == ("x", "x", "x")


def test_additional_values_may_follow_a_collection():
    (group,) = groups(GROUP, COLLECTION, CLOSE, MORE, END)
    assert [value.tag for value in group.get("a").values] == [0x34, 0x44]


@pytest.mark.parametrize(
    ("limits", "within", "beyond"),
    [
        (Limits(tokens=4), [GROUP, VALUE, MORE], [GROUP, VALUE, MORE, MORE]),
        (Limits(attributes_per_group=2), [GROUP, VALUE, VALUE, GROUP, VALUE], [GROUP, VALUE, VALUE, VALUE]),
        (
            Limits(attributes_per_group=1),
            [GROUP, COLLECTION, MEMBER, MORE, CLOSE],
            [GROUP, COLLECTION, MEMBER, MORE, MEMBER, MORE, CLOSE],
        ),
        (Limits(values_per_attribute=2), [GROUP, VALUE, MORE], [GROUP, VALUE, MORE, MORE]),
        (Limits(values_per_attribute=1), [GROUP, COLLECTION, CLOSE], [GROUP, COLLECTION, CLOSE, NESTED, CLOSE]),
        (
            Limits(collection_depth=2),
            [GROUP, COLLECTION, MEMBER, NESTED, CLOSE, CLOSE],
            [GROUP, COLLECTION, MEMBER, NESTED, MEMBER, NESTED, CLOSE, CLOSE, CLOSE],
        ),
        (Limits(name_bytes=1), [GROUP, VALUE], [GROUP, b"\x44\x00\x02ab\x00\x01x"]),
        (
            Limits(name_bytes=1),
            [GROUP, COLLECTION, MEMBER, MORE, CLOSE],
            [GROUP, COLLECTION, b"\x4a\x00\x00\x00\x02mm", MORE, CLOSE],
        ),
        (Limits(value_bytes=1), [GROUP, VALUE], [GROUP, b"\x44\x00\x01a\x00\x02xx"]),
    ],
)
def test_each_limit_holds(limits, within, beyond):
    groups(*within, END, limits=limits)
    with pytest.raises(Malformed):
        groups(*beyond, END, limits=limits)


def test_a_length_beyond_a_signed_short_is_malformed_before_its_octets_arrive():
    with pytest.raises(Malformed, match="longer than 32767"):
        groups(GROUP, b"\x44\x00\x01a\x80\x00")
    with pytest.raises(Malformed, match="longer than 255"):
        groups(GROUP, b"\x44\xff\xff\x00\x00")


def test_deep_nesting_is_refused_without_recursion():
    with pytest.raises(Malformed, match="deeper than 16"):
        groups(GROUP, COLLECTION, (MEMBER + NESTED) * 100_000)


def test_nesting_as_deep_as_one_allows_is_read_without_recursion():
    depth = 20_000
    (group,) = groups(
        GROUP,
        COLLECTION,
        (MEMBER + NESTED) * (depth - 1),
        CLOSE * depth,
        END,
        limits=Limits(collection_depth=depth),
    )
    collection, levels = group.value("a"), 1
    while inner := collection.value("m"):
        collection, levels = inner, levels + 1
    assert levels == depth
