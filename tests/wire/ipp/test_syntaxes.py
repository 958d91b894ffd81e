"""Single values from their octets: RFC 8010 section 3.9."""

import pytest

from upsim.wire.ipp.syntaxes import SYNTAXES, string
from upsim.wire.ipp.tags import COLLECTION_TAGS
from upsim.wire.ipp.values import DateTime, Range, Resolution, WithLanguage


@pytest.mark.parametrize(
    ("tag", "octets", "value"),
    [
        (0x13, "", None),
        (0x13, "6162", b"ab"),
        (0x21, "7fffffff", 2**31 - 1),
        (0x22, "01", True),
        (0x23, "ffffffff", -1),
        (0x30, "00ff", b"\x00\xff"),
        (0x31, "07e9010100000000" + "2b0000", DateTime(bytes.fromhex("07e90101000000002b0000"))),
        (0x32, "0000025800000258ff", Resolution(600, 600, -1)),
        (0x33, "0000000100000002", Range(1, 2)),
        (0x35, "0002656e0000", WithLanguage("en", "")),
        (0x44, "c3a9", "é"),
        (0x44, "ff", "\udcff"),
        (0x40, "41", b"A"),
        (0x7F, "", b""),
    ],
)
def test_a_value_is_read_by_its_tag(tag, octets, value):
    assert SYNTAXES[tag](bytes.fromhex(octets)) == value


@pytest.mark.parametrize(
    ("tag", "octets"),
    [
        (0x21, ""),
        (0x21, "000001"),
        (0x21, "0000000001"),
        (0x22, ""),
        (0x22, "02"),
        (0x22, "0001"),
        (0x23, "01"),
        (0x31, "07e9"),
        (0x32, "0000025800000258"),
        (0x33, "00000001"),
        (0x35, ""),
        (0x35, "00"),
        (0x35, "0003656e"),
        (0x36, "0002656e"),
        (0x36, "0002656e0001"),
        (0x36, "0002656e00017878"),
    ],
)
def test_a_value_of_the_wrong_size_is_refused(tag, octets):
    with pytest.raises(ValueError, match=r"octet|lengths"):
        SYNTAXES[tag](bytes.fromhex(octets))


def test_only_the_punctuation_of_collections_has_no_syntax():
    assert {tag for tag, syntax in enumerate(SYNTAXES) if syntax is None} == COLLECTION_TAGS


@pytest.mark.parametrize("octets", [b"", b"plain", "ü".encode(), b"\xff\xfe", b"\xed\xa0\x80", b"a\xc3"])
def test_the_octets_of_a_string_can_be_had_back(octets):
    assert string(octets).encode("utf-8", "surrogateescape") == octets
