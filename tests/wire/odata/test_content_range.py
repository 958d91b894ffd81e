from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsim.wire.odata.content_range import (
    INTERVALS_MAX,
    ContentRange,
    RangeOverlap,
    Ranges,
    parse_content_range,
)
from upsim.wire.odata.errors import BadQuery

ENDS = st.integers(min_value=0, max_value=40)
INTERVALS = st.tuples(ENDS, ENDS).filter(lambda ends: ends[0] < ends[1])


def received(intervals) -> tuple[Ranges, set[int]]:
    """Add what fits, and keep the same bytes in a plain set."""
    ranges, naive = Ranges(), set()
    for start, end in intervals:
        if naive.isdisjoint(range(start, end)):
            ranges = ranges.add(start, end)
            naive |= set(range(start, end))
    return ranges, naive


@pytest.mark.parametrize("header", ["bytes 0-9/4533322", "bytes=0-9/4533322", " bytes  0-9/4533322 "])
def test_a_space_and_an_equals_sign_both_follow_the_unit(header):
    assert parse_content_range(header) == ContentRange(0, 9, 4533322)


def test_a_content_range_counts_both_ends():
    whole = parse_content_range("bytes 0-0/1")
    assert (whole.length, whole.stop, whole.is_last) == (1, 1, True)


@pytest.mark.parametrize(
    "header",
    ["", "bytes", "bytes */10", "bytes 0-9/*", "bytes 9-0/10", "bytes 0-10/10", "bytes -5/10", "bytes 0-/10",
     "bits 0-1/2", "bytes 0-1/2, 3-4/5", "bytes 0-١/5", "bytes0-1/2", "bytes 0-" + "9" * 5000 + "/1"],
)  # fmt: skip
def test_any_other_header_is_a_bad_query(header):
    with pytest.raises(BadQuery):
        parse_content_range(header)


@given(st.text())
def test_any_text_is_a_range_or_a_bad_query(text):
    with suppress(BadQuery):
        parse_content_range("bytes " + text)


@given(ENDS, st.integers(1, 40), ENDS)
def test_a_range_written_as_a_header_is_read_back(start, length, rest):
    expected = ContentRange(start, start + length - 1, start + length + rest)
    assert parse_content_range(f"bytes {expected.start}-{expected.end}/{expected.total}") == expected


def test_ranges_may_arrive_in_any_order():
    assert Ranges().add(5, 10).add(0, 5).intervals == ((0, 10),)


def test_nothing_received_means_everything_is_expected():
    assert Ranges().next_expected(4533322) == ["0-4533321"]


def test_every_expected_range_has_both_ends():
    assert Ranges().add(0, 3).add(5, 7).next_expected(10) == ["3-4", "7-9"]


def test_an_empty_document_is_complete():
    assert Ranges().is_complete(0)
    assert Ranges().next_expected(0) == []


@pytest.mark.parametrize(("start", "end"), [(0, 10), (9, 11), (3, 4), (0, 1), (-0, 100)])
def test_bytes_received_twice_are_an_overlap(start, end):
    with pytest.raises(RangeOverlap):
        Ranges().add(0, 10).add(start, end)


@pytest.mark.parametrize(("start", "end"), [(3, 3), (4, 3), (-1, 3)])
def test_an_impossible_interval_is_refused(start, end):
    with pytest.raises(BadQuery):
        Ranges().add(start, end)


def test_the_number_of_separate_ranges_is_limited():
    full = Ranges(tuple((2 * index, 2 * index + 1) for index in range(INTERVALS_MAX)))
    with pytest.raises(BadQuery, match="separate ranges"):
        full.add(10 * INTERVALS_MAX, 10 * INTERVALS_MAX + 1)
    assert len(full.add(1, 2).intervals) == INTERVALS_MAX - 1


@given(st.lists(INTERVALS, max_size=12), INTERVALS)
def test_adding_overlaps_exactly_when_a_byte_is_there_already(intervals, last):
    ranges, naive = received(intervals)
    if naive.isdisjoint(range(*last)):
        assert ranges.add(*last).covers(*last)
    else:
        with pytest.raises(RangeOverlap):
            ranges.add(*last)


@given(st.lists(INTERVALS, max_size=12), INTERVALS, ENDS)
def test_ranges_agree_with_a_set_of_bytes(intervals, asked, total):
    ranges, naive = received(intervals)
    assert ranges.covers(*asked) == (set(range(*asked)) <= naive)
    assert ranges.is_complete(total) == (set(range(total)) <= naive)
    assert {byte for gap in ranges.missing(total) for byte in range(*gap)} == set(range(total)) - naive


@given(st.lists(INTERVALS, max_size=12))
def test_intervals_stay_sorted_and_apart(intervals):
    flat = [end for interval in received(intervals)[0].intervals for end in interval]
    assert flat == sorted(set(flat))
