"""Values, and reading attributes from groups."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

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

JOB = build.group(
    2,
    build.integer("job-id", 7),
    build.enum("job-state", 5),
    build.keyword("job-state-reasons", "job-printing", "job-fetchable"),
    build.uri("job-name", "report"),
    build.name_with_language("document-name", WithLanguage("de", "Bericht")),
    build.boolean("my-jobs", False),
    build.no_value("time-at-completed"),
    build.integer("job-id", 8),
)


def test_a_group_gives_its_attributes_by_name():
    assert JOB.get("job-id") == Attribute("job-id", (Value(0x21, 7),))
    assert JOB.get("copies") is None
    assert "job-id" in JOB
    assert "copies" not in JOB
    assert [attribute.name for attribute in JOB][:2] == ["job-id", "job-state"]


def test_a_group_gives_the_first_value():
    assert JOB.value("job-state-reasons") == "job-printing"
    assert JOB.value("copies") is None
    assert JOB.value("copies", 1) == 1


def test_an_out_of_band_value_counts_as_none():
    assert JOB.value("time-at-completed", "never") == "never"
    assert JOB.values("time-at-completed") == ()
    assert JOB.get("time-at-completed").tag == 0x13


def test_a_group_gives_all_values():
    assert JOB.values("job-state-reasons") == ("job-printing", "job-fetchable")
    assert JOB.values("copies") == ()


def test_strings_are_read_whatever_their_tag():
    assert JOB.string("job-name") == "report"
    assert JOB.string("document-name") == "Bericht"
    assert JOB.strings("job-state-reasons") == ("job-printing", "job-fetchable")
    assert JOB.string("job-id") is None
    assert JOB.string("copies") is None


def test_integers_and_enums_are_read_alike():
    assert JOB.integer("job-id") == 7
    assert JOB.integers("job-state") == (5,)
    assert JOB.integer("job-name") is None


def test_a_boolean_is_not_an_integer():
    assert JOB.boolean("my-jobs") is False
    assert JOB.integer("my-jobs") is None
    assert JOB.boolean("job-id") is None


def test_a_group_knows_which_names_it_has_twice():
    assert JOB.duplicates() == ("job-id",)
    assert AttributeGroup(1).duplicates() == ()


def test_an_empty_group_is_still_a_group():
    assert bool(AttributeGroup(1)) is True


def test_an_attribute_gives_its_first_value():
    attribute = build.keyword("sides-supported", "one-sided", "two-sided-long-edge")
    assert (attribute.value, attribute.tag) == ("one-sided", 0x44)


def test_a_collection_gives_its_members():
    size = build.members(build.integer("x-dimension", 21000), build.no_value("y-dimension"))
    assert size.get("x-dimension").value == 21000
    assert size.value("y-dimension", 0) == 0
    assert size.get("z-dimension") is None
    assert [member.name for member in size] == ["x-dimension", "y-dimension"]


def test_equal_collections_are_equal():
    assert Collection((build.integer("a", 1),)) == build.members(build.integer("a", 1))
    assert hash(Collection((build.integer("a", 1),))) == hash(build.members(build.integer("a", 1)))


@pytest.mark.parametrize(
    ("value", "field"),
    [(Range(1, 2), "lower"), (Resolution(1, 2), "x"), (AttributeGroup(1), "tag"), (Value(0x21, 1), "tag")],
)
def test_values_do_not_change(value, field):
    with pytest.raises(AttributeError):
        setattr(value, field, 3)


def test_a_range_includes_its_bounds():
    assert [number in Range(2, 4) for number in (1, 2, 4, 5)] == [False, True, True, False]


def test_values_print_as_people_write_them():
    assert str(Range(1, 10)) == "1-10"
    assert str(Resolution(600, 600)) == "600dpi"
    assert str(Resolution(300, 600, 4)) == "300x600dpcm"
    assert str(Resolution(1, 1, 9)) == "1(units 9)"
    assert str(WithLanguage("de", "Grüß")) == "Grüß"


def test_a_date_and_time_reads_as_its_octets():
    date_time = DateTime.from_datetime(
        datetime(2025, 11, 21, 12, 34, 56, 789_000, timezone(-timedelta(hours=5, minutes=30)))
    )
    assert date_time.octets.hex(" ") == "07 e9 0b 15 0c 22 38 07 2d 05 1e"
    assert str(date_time) == "2025-11-21T12:34:56.700000-05:30"


def test_a_date_and_time_in_utc_prints_short():
    assert str(DateTime.from_datetime(datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC))) == "2025-01-02T03:04:05Z"


def test_a_leap_second_reads_as_the_second_before():
    leap = DateTime(bytes.fromhex("07e0 0c 1f 17 3b 3c 00 2b 00 00"))
    assert leap.to_datetime() == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "octets",
    [
        "07e9 0d 01 00 00 00 00 2b 00 00",  # month 13
        "0000 01 01 00 00 00 00 2b 00 00",  # year 0
        "07e9 01 01 00 00 00 0a 2b 00 00",  # ten tenths
        "07e9 01 01 00 00 00 00 2a 00 00",  # neither + nor -
        "07e9 01 01 00 00 00 00 2b ff 00",  # 255 hours from UTC
    ],
)
def test_octets_that_name_no_moment_are_kept_but_not_converted(octets):
    date_time = DateTime(bytes.fromhex(octets))
    with pytest.raises(ValueError, match=r"\w"):
        date_time.to_datetime()
    assert str(date_time) == f"<{bytes.fromhex(octets).hex()}>"


def test_a_date_and_time_has_eleven_octets():
    with pytest.raises(ValueError, match="has 8 octets, not 11"):
        DateTime(b"12345678")


def test_a_naive_datetime_is_refused():
    with pytest.raises(ValueError, match="offset from UTC"):
        DateTime.from_datetime(datetime(2025, 1, 1))  # noqa: DTZ001


def test_an_offset_of_odd_seconds_goes_by_utc():
    moment = datetime(1890, 1, 1, tzinfo=timezone(timedelta(minutes=53, seconds=28)))
    date_time = DateTime.from_datetime(moment)
    assert date_time.octets[8:] == b"+\x00\x00"
    assert date_time.to_datetime() == moment


@given(
    st.datetimes(
        timezones=st.integers(-1439, 1439)
        .map(lambda minutes: st.just(timezone(timedelta(minutes=minutes))))
        .flatmap(lambda zone: zone)
    )
)
def test_a_moment_survives_to_the_tenth_of_a_second(moment):
    tenth = moment.replace(microsecond=moment.microsecond // 100_000 * 100_000)
    read = DateTime.from_datetime(moment).to_datetime()
    assert (read, read.utcoffset()) == (tenth, tenth.utcoffset())
