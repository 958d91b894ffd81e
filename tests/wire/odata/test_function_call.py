from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsim.wire.odata.errors import BadQuery
from upsim.wire.odata.function_call import SEGMENT_LENGTH_MAX, parse_function_segment
from upsim.wire.odata.literals import EnumMember, format_literal

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "f(printerId='p1',startDateTime=2026-01-01T00:00:00Z,endDateTime=2026-01-01T00:00:00Z)",
        "f(printerId='p1'startDateTime=2026-01-01T00%3A00%3A00%2B00%3A00endDateTime=2026-01-01T00%3A00%3A00%2B00%3A00)",
        "f(printerId='p1'startDateTime=2026-01-01T00:00:00ZendDateTime=2026-01-01T00:00:00Z)",
        "f(printerId='p1'startDateTime=2026-01-01T00:00:00endDateTime=2026-01-01T00:00:00)",
        "f( printerId = 'p1' , startDateTime = 2026-01-01T01:00:00+01:00, endDateTime=2026-01-01T00:00:00.000Z )",
        "f(printerId=%27p1%27,startDateTime=2026-01-01T00:00:00 00:00,endDateTime=2026-01-01T00:00Z)",
    ],
)
def test_parameters_are_read_however_clients_write_them(text):
    assert parse_function_segment(text) == (
        "f",
        {"printerId": "p1", "startDateTime": JANUARY, "endDateTime": JANUARY},
    )


@pytest.mark.parametrize(
    "text",
    [
        "f(printerId='p1')",
        "f(printerId='p1',startDateTime=,endDateTime=)",
        "f(printerId='p1'startDateTime=endDateTime=)",
    ],
)
def test_a_parameter_may_be_left_out(text):
    assert parse_function_segment(text) == ("f", {"printerId": "p1"})


def test_a_null_is_a_value():
    assert parse_function_segment("f(a=nullb=NULL,c=trued=false)") == (
        "f",
        {"a": None, "b": None, "c": True, "d": False},
    )


def test_each_kind_of_literal_may_be_given():
    text = "microsoft.graph.f(a=5b0d7c1e-0000-4000-8000-000000000b01b=-5c=1.5d=x.y'z'e='it''s, (a)=b')"
    assert parse_function_segment(text) == (
        "microsoft.graph.f",
        {
            "a": UUID("5b0d7c1e-0000-4000-8000-000000000b01"),
            "b": -5,
            "c": 1.5,
            "d": EnumMember("x.y", "z"),
            "e": "it's, (a)=b",
        },
    )


def test_a_call_may_have_no_parameters():
    assert parse_function_segment("delta()") == ("delta", {})


@pytest.mark.parametrize(
    "text",
    [
        *("", "printers", "f(", "f)", "f(a)", "f('a')", "f(a=b)", "f(a='b)", "1f()"),
        *("f(a=1,a=2)", "f(a=,a=2)", "f(a=1 2)", "f(a=2026-13-01)", f"f(a={'1' * 99})"),
        f"f({'a' * SEGMENT_LENGTH_MAX})",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(BadQuery):
        parse_function_segment(text)


PIECES = st.sampled_from(
    ["f(", "a=", "b", "'", "'x'", "1", "null", ",", ")", "2026-01-01T00:00", "Z", "%27", "+", " "]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
def test_any_segment_is_read_or_refused(text):
    with suppress(BadQuery):
        parse_function_segment(text)


VALUES = st.one_of(st.none(), st.booleans(), st.text(), st.uuids(), st.datetimes(timezones=st.just(UTC)))


@given(
    st.dictionaries(st.from_regex("[a-z]+DateTime", fullmatch=True), VALUES, max_size=4),
    st.sampled_from([",", ""]),
)
def test_parameters_written_down_are_read_back_with_commas_or_without(parameters, separator):
    text = separator.join(f"{name}={format_literal(value)}" for name, value in parameters.items())
    assert parse_function_segment(quote(f"f({text})")) == ("f", parameters)
