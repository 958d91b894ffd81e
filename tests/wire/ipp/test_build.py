"""Attributes written readably get the tags of the standard."""

from datetime import UTC, datetime

import pytest

from upsim.wire.ipp import build
from upsim.wire.ipp.values import (
    Attribute,
    AttributeGroup,
    Collection,
    DateTime,
    Range,
    Resolution,
    Value,
    WithLanguage,
)

MOMENT = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attribute", "tag", "value"),
    [
        (build.integer("a", 1), 0x21, 1),
        (build.boolean("a", True), 0x22, True),
        (build.enum("a", 3), 0x23, 3),
        (build.octets("a", b"x"), 0x30, b"x"),
        (build.date_time("a", MOMENT), 0x31, DateTime.from_datetime(MOMENT)),
        (build.date_time("a", DateTime.from_datetime(MOMENT)), 0x31, DateTime.from_datetime(MOMENT)),
        (build.resolution("a", Resolution(600, 600)), 0x32, Resolution(600, 600, 3)),
        (build.range_("a", Range(1, 2)), 0x33, Range(1, 2)),
        (build.collection("a", build.members()), 0x34, Collection(())),
        (build.text_with_language("a", WithLanguage("en", "x")), 0x35, WithLanguage("en", "x")),
        (build.name_with_language("a", WithLanguage("en", "x")), 0x36, WithLanguage("en", "x")),
        (build.text("a", "x"), 0x41, "x"),
        (build.name_("a", "x"), 0x42, "x"),
        (build.keyword("a", "x"), 0x44, "x"),
        (build.uri("a", "x"), 0x45, "x"),
        (build.uri_scheme("a", "x"), 0x46, "x"),
        (build.charset("a", "x"), 0x47, "x"),
        (build.natural_language("a", "x"), 0x48, "x"),
        (build.mime("a", "x"), 0x49, "x"),
        (build.unsupported("a"), 0x10, None),
        (build.unknown("a"), 0x12, None),
        (build.no_value("a"), 0x13, None),
        (build.not_settable("a"), 0x15, None),
        (build.delete_attribute("a"), 0x16, None),
        (build.admin_define("a"), 0x17, None),
    ],
)
def test_a_constructor_sets_the_tag_of_its_name(attribute, tag, value):
    assert attribute == Attribute("a", (Value(tag, value),))
    assert type(attribute.tag) is int


def test_several_values_make_a_set():
    assert [value.value for value in build.keyword("a", "x", "y").values] == ["x", "y"]


def test_an_attribute_needs_a_value():
    with pytest.raises(ValueError, match="sides needs at least one value"):
        build.keyword("sides")


def test_a_group_takes_its_attributes_in_order():
    assert build.group(2, build.integer("a", 1), build.integer("b", 2)) == AttributeGroup(
        2, (build.integer("a", 1), build.integer("b", 2))
    )
