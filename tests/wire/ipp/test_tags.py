"""One number space for groups and values."""

import pytest

from upsim.wire.ipp.tags import FIRST_VALUE_TAG, GroupTag, ValueTag, is_character_string, is_group, is_out_of_band


def test_groups_are_below_values():
    assert max(GroupTag) < FIRST_VALUE_TAG <= min(ValueTag)


@pytest.mark.parametrize(
    ("tag", "expected"), [(-1, False), (0, True), (3, False), (4, True), (15, True), (16, False)]
)
def test_every_low_tag_but_the_end_is_a_group(tag, expected):
    assert is_group(tag) is expected


@pytest.mark.parametrize(
    ("tag", "expected"), [(0x0F, False), (0x10, True), (0x16, True), (0x1F, True), (0x20, False)]
)
def test_out_of_band_tags_are_a_range(tag, expected):
    assert is_out_of_band(tag) is expected


def test_plain_strings_are_character_strings():
    assert [tag.name for tag in ValueTag if is_character_string(tag)] == [
        "TEXT",
        "NAME",
        "KEYWORD",
        "URI",
        "URI_SCHEME",
        "CHARSET",
        "NATURAL_LANGUAGE",
        "MIME_MEDIA_TYPE",
    ]
