import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from upsim.wire.odata.literals import KEYWORDS, LITERAL, EnumMember, format_literal, read_literal, read_moment

LITERALS = re.compile(LITERAL, re.DOTALL)
VALUES = st.one_of(
    st.text(),
    st.integers(-(2**63), 2**63),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(timezones=st.just(UTC)),
    st.just(datetime(2026, 1, 5, 10, tzinfo=timezone(timedelta(hours=-7)))),
    st.dates(),
    st.uuids(),
    st.builds(EnumMember, st.just("microsoft.graph.printEvent"), st.text()),
)


def value_of(text):
    match = LITERALS.fullmatch(text)
    return read_literal(match.lastgroup, match[0])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'it''s'", "it's"),
        ("''", ""),
        ("-5", -5),
        ("1.5e3", 1500.0),
        ("2026-01-05", date(2026, 1, 5)),
        ("2026-01-05T10:00:00Z", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-01-05T10:00Z", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-01-05T10:00:00", datetime(2026, 1, 5, 10, tzinfo=UTC)),
        ("2026-01-05T10:00:00-07:00", datetime(2026, 1, 5, 17, tzinfo=UTC)),
        ("2026-01-05T10:00:00 01:00", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("2020-02-04T00:00:00.1234567Z", datetime(2020, 2, 4, microsecond=123456, tzinfo=UTC)),
        ("5B0D7C1E-0000-4000-8000-000000000b01", UUID("5b0d7c1e-0000-4000-8000-000000000b01")),
        ("microsoft.graph.printEvent'jobStarted'", EnumMember("microsoft.graph.printEvent", "jobStarted")),
    ],
)
def test_each_kind_of_literal_is_read(text, value):
    assert value_of(text) == value
    assert type(value_of(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    ["2026-13-05", "2026-02-30T10:00:00Z", "0001-01-01T00:00:00+01:00", "1e999", "9" * 41, "2026-01-05T25:00Z"],
)
def test_a_literal_without_a_value_is_a_value_error(text):
    with pytest.raises(ValueError):  # noqa: PT011
        value_of(text)


@given(VALUES)
@example("'")
@example("")
def test_a_value_written_as_a_literal_is_read_back(value):
    assert value_of(format_literal(value)) == value


@pytest.mark.parametrize("value", [None, True, False])
def test_keywords_are_written_as_they_are_read(value):
    assert KEYWORDS[format_literal(value)] is value


@given(st.from_regex(LITERALS, fullmatch=True))
def test_anything_that_looks_like_a_literal_is_one_or_a_value_error(text):
    with suppress(ValueError):
        value_of(text)


def test_a_string_may_spell_a_moment():
    assert read_moment("2026-01-05") == date(2026, 1, 5)
    assert read_moment("2026-01-05T10:00:00-00:00") == datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert read_moment("Lab 3") is None
    assert read_moment("2026-13-05") is None
