"""Questions to the registry."""

import pytest

from upsim.wire.ipp.registry import errata, generated
from upsim.wire.ipp.registry.lookup import (
    attribute,
    enum_keyword,
    keywords,
    members,
    operation_name,
    source_address,
    status_keyword,
)
from upsim.wire.ipp.registry.syntax import Alternative

JOB, PRINTER, UNSUPPORTED, DOCUMENT = 2, 4, 5, 9


def test_an_attribute_is_found_in_its_group():
    copies = attribute("copies", JOB)
    assert (copies.object, copies.source, copies.status) == ("Job Template", "RFC8011", "")
    assert copies.syntax.alternatives == (Alternative("integer", 1, 2**31 - 1),)


def test_an_attribute_is_not_found_in_another_group():
    assert attribute("copies", PRINTER) is None
    assert attribute("copies-supported", PRINTER) is not None
    assert attribute("no-such-attribute", JOB) is None


def test_every_attribute_is_found_for_a_group_of_no_object():
    assert attribute("copies", UNSUPPORTED) is not None


def test_what_holds_is_preferred_to_what_is_deprecated():
    assert attribute("cover-back/media", JOB).status == ""


@pytest.mark.parametrize(
    ("path", "group", "syntax"),
    [
        ("media-col/media-size/x-dimension", JOB, "integer(1:MAX)"),
        ("media-col-default/media-size/x-dimension", PRINTER, "integer(1:MAX)"),
        ("media-col-ready/media-type", PRINTER, "type2 keyword | name(MAX)"),
        ("cover-back/media-col/media-type", JOB, "type2 keyword | name(MAX)"),
        ("media-col-actual/media-type", DOCUMENT, "type2 keyword | name(MAX)"),
    ],
)
def test_members_are_found_by_path_also_those_lent_by_another_collection(path, group, syntax):
    assert attribute(path, group).syntax_text == syntax


@pytest.mark.parametrize("path", ["media-col/no-such-member", "copies/media-type", "media-col-default/none"])
def test_a_member_that_is_not_registered_is_not_found(path):
    assert attribute(path, JOB) is None


def test_a_collection_lists_its_members():
    database = members("media-col-database", PRINTER)
    assert {"media-size", "media-type", "media-source-properties"} <= set(database)
    assert set(members("media-col/media-size", JOB)) == {"x-dimension", "y-dimension"}
    assert members("copies", JOB) == {}


@pytest.mark.parametrize(
    "name",
    [
        "smi311-universal-print-anywhere-enabled",
        "print-device-capabilites",
        "print_wfds",
        "job-release-action-supported",
    ],
)
def test_attributes_of_microsoft_are_known(name):
    assert attribute(name, PRINTER) is not None


def test_operations_and_statuses_have_names():
    assert operation_name(0x000B) == "Get-Printer-Attributes"
    assert operation_name(0x5101) == "Set-Print-Capabilities"
    assert operation_name(0x0001) is None
    assert status_keyword(0x0420) == "client-error-not-fetchable"
    assert status_keyword(0x0004) is None


@pytest.mark.parametrize(
    ("name", "value", "keyword"),
    [
        ("printer-state", 3, "idle"),
        ("finishings-supported", 4, "staple"),
        ("output-device-job-states", 9, "completed"),
        ("output-device-job-state", 9, "completed"),
        ("output-device-document-state", 5, "processing"),
        ("operations-supported", 0x3B, "Close-Job"),
        ("fetch-status-code", 0x0420, "client-error-not-fetchable"),
        ("printer-state", 99, None),
        ("no-such-attribute", 3, None),
    ],
)
def test_enums_have_keywords(name, value, keyword):
    assert enum_keyword(name, value) == keyword


def test_keywords_include_those_of_the_attribute_referred_to():
    assert keywords("sides-supported") == ("one-sided", "two-sided-long-edge", "two-sided-short-edge")
    assert keywords("no-such-attribute") == ()


def test_keywords_of_microsoft_are_known():
    assert "owner-authorized-badge" in keywords("job-release-action-supported")
    assert "microsoft-grayscale-only" in keywords("print-color-mode-default")


@pytest.mark.parametrize("name", [name for name, _ in (*generated.KEYWORDS, *errata.KEYWORDS)])
def test_keywords_are_keywords(name):
    assert all(word.isascii() and word[0].isalnum() for word in keywords(name))


def test_every_registration_names_a_source_that_can_be_read():
    for _, rows in (*generated.ATTRIBUTES, *errata.ATTRIBUTES):
        for row in rows:
            assert source_address(row.split(";")[2]), row


def test_every_syntax_is_understood():
    for _, rows in (*generated.ATTRIBUTES, *errata.ATTRIBUTES):
        for name, group in ((row.split(";")[0], UNSUPPORTED) for row in rows):
            assert "=" in name or attribute(name, group).syntax.alternatives, name


def test_an_unknown_source_has_no_address():
    assert source_address("RFC1") is None


def test_errata_repeat_nothing_that_is_registered():
    registered = {row.split(";")[0] for _, rows in generated.ATTRIBUTES for row in rows}
    assert registered.isdisjoint(row.split(";")[0] for _, rows in errata.ATTRIBUTES for row in rows)
