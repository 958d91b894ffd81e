from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsim.wire.odata.errors import BadQuery
from upsim.wire.odata.evaluate import compile_filter, sort_key
from upsim.wire.odata.filter import FUNCTIONS, Comparison, FunctionCall, Literal, parse_filter
from upsim.wire.odata.query import OrderBy

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
JOB = {
    "id": "5B0D7C1E-0000-4000-8000-000000000b01",
    "number": 3,
    "ratio": 1.5,
    "isFetchable": True,
    "createdDateTime": "2026-01-05T10:00:00.0000000Z",
    "acknowledgedDateTime": "2026-01-05T04:00:00-07:00",
    "usageDate": "2026-01-05",
    "redirectedTo": None,
    "createdBy": {"userPrincipalName": "ada@contoso.example", "displayName": " Ada "},
    "status": {"state": "paused", "details": ["uploadPending", "interpreting"]},
    "documents": [{"id": "d1", "size": 10}, {"id": "d2", "size": 20}],
    "tasks": [],
}


def passes(text, item=JOB):
    return compile_filter(parse_filter(text), type_name="microsoft.graph.printJob", now=NOON)(item)


@pytest.mark.parametrize(
    "text",
    [
        "createdBy/userPrincipalName eq 'ada@contoso.example'",
        "isFetchable eq true",
        "isFetchable",
        "number gt 2 and number le 3 and number lt 3.5 and ratio ge 1.5",
        "number ne 4 or nothing eq 1",
        "not (number eq 4)",
        "number in (1,2,3)",
        "redirectedTo eq null",
        "nothing/at/all eq null",
        "null eq redirectedTo",
        "redirectedTo ne 'x'",
        "status/state eq 'paused'",
        "status/state eq microsoft.graph.printJobProcessingState'paused'",
        "status/state in ('paused','stopped')",
        "id eq 5b0d7c1e-0000-4000-8000-000000000b01",
        "5b0d7c1e-0000-4000-8000-000000000b01 eq id",
        "status/details/any(d:d eq 'interpreting')",
        "status/details/any()",
        "not tasks/any()",
        "tasks/all(t:t/id eq 'x')",
        "documents/all(d:d/size ge 10)",
        "documents/any(d:d/size gt 10 and d/id eq 'd2' and status/state eq 'paused')",
        "nothing/all(n:n eq 1)",
        "microsoft.graph.printJob/number eq 3",
        "(number gt 2) eq isFetchable",
        "number ne 'three'",
    ],
)
def test_a_filter_passes(text):
    assert passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "createdBy/userPrincipalName eq 'ADA@contoso.example'",
        "redirectedTo ne null",
        "number eq null",
        "redirectedTo gt 1",
        "redirectedTo le null",
        "number eq 'three'",
        "number gt 'three'",
        "isFetchable eq 1",
        "isFetchable eq 'true'",
        "number",
        "createdBy eq 'ada'",
        "number/deeper eq 3",
        "nothing/any(n:n ne 1)",
        "documents/all(d:d/size gt 10)",
        "number in ()",
    ],
)
def test_a_filter_does_not_pass(text):
    assert not passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "createdDateTime eq 2026-01-05T10:00:00Z",
        "createdDateTime eq 2026-01-05T11:00:00%2B01:00".replace("%2B", "+"),
        "createdDateTime ge 2026-01-05",
        "createdDateTime lt acknowledgedDateTime",
        "createdDateTime lt now()",
        "usageDate eq 2026-01-05",
        "usageDate lt 2026-01-06 and usageDate ge 2026-01-01",
        "date(createdDateTime) eq 2026-01-05",
        "createdDateTime in (2026-01-05T10:00:00Z)",
    ],
)
def test_date_times_are_compared_as_instants(text):
    assert passes(text)


def test_texts_that_are_no_instants_are_compared_as_texts():
    assert passes("name lt 'b'", {"name": "2026-01-05"})
    assert not passes("name eq '2026-01-05T00:00:00Z'", {"name": "2026-01-05"})


@pytest.mark.parametrize(
    "text",
    [
        "contains(createdBy/userPrincipalName,'contoso')",
        "startswith(status/state,'pau') and endswith(status/state,'sed')",
        "tolower(id) eq '5b0d7c1e-0000-4000-8000-000000000b01'",
        "toupper(status/state) eq 'PAUSED'",
        "trim(createdBy/displayName) eq 'Ada'",
        "length(status/state) eq 6 and length(status/details) eq 2",
        "year(createdDateTime) eq 2026 and month(createdDateTime) eq 1 and day(usageDate) eq 5",
        "hour(createdDateTime) eq 10 and minute(createdDateTime) eq 0 and second(createdDateTime) eq 0",
        "hour(now()) eq 12",
        "startswith(5b0d7c1e-0000-4000-8000-000000000b01,'5b0d')",
    ],
)
def test_functions_answer(text):
    assert passes(text)


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - {"now"}))
@pytest.mark.parametrize("value", [None, True, 5])
def test_a_function_of_null_or_of_a_strange_value_is_null(name, value):
    call = FunctionCall(name, (Literal(value),) * FUNCTIONS[name])
    assert compile_filter(Comparison("eq", call, Literal(None)), type_name="x")({})


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("redirectedTo and isFetchable", False),
        ("not (redirectedTo and isFetchable)", False),
        ("not (redirectedTo and number eq 4)", True),
        ("redirectedTo or isFetchable", True),
        ("not (redirectedTo or number eq 4)", False),
        ("not redirectedTo", False),
        ("not contains(redirectedTo,'x')", False),
    ],
)
def test_null_is_neither_true_nor_false(text, answer):
    assert passes(text) is answer


def test_without_a_clock_there_is_no_now():
    with pytest.raises(BadQuery, match="now"):
        compile_filter(parse_filter("createdDateTime lt now()"), type_name="x")


def test_an_unknown_function_cannot_be_compiled():
    with pytest.raises(BadQuery):
        compile_filter(FunctionCall("geo.distance", ()), type_name="x")


def test_every_property_is_checked_before_any_item_is_seen():
    seen = []
    text = "a eq 1 and not contains(b/c,'x') and d in (1) and e/any(x:x/f eq a)"
    compile_filter(
        parse_filter(text),
        type_name="microsoft.graph.printJob",
        property_check=lambda type_name, path: seen.append((type_name, "/".join(path))),
    )
    assert seen == [("microsoft.graph.printJob", path) for path in ("a", "b/c", "d", "e", "e/f", "a")]


def test_rows_are_sorted_by_several_keys():
    rows = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}, {"a": 1, "b": "y"}]
    key = sort_key([OrderBy("b", descending=True), OrderBy("a")])
    assert sorted(rows, key=key) == [{"a": 1, "b": "y"}, {"a": 2, "b": "y"}, {"a": 1, "b": "x"}]


def test_null_sorts_first_and_last_when_descending():
    rows = [{"a": {"b": 1}}, {"a": None}, {"a": {"b": 0}}]
    assert [row["a"] for row in sorted(rows, key=sort_key([OrderBy("a/b")]))] == [None, {"b": 0}, {"b": 1}]
    assert [row["a"] for row in sorted(rows, key=sort_key([OrderBy("a/b", descending=True)]))] == [
        {"b": 1},
        {"b": 0},
        None,
    ]


def test_date_times_are_sorted_as_instants():
    later, earlier = "2026-01-05T09:00:00-07:00", "2026-01-05T10:00:00.0000000Z"
    assert sorted([{"a": later}, {"a": earlier}], key=sort_key([OrderBy("a")])) == [{"a": earlier}, {"a": later}]


MOMENTS = st.sampled_from(["2026-01-05", "2026-01-05T10:00Z", "2026-01-05T10:00:00.0000000+01:00"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), MOMENTS)
VALUES = st.one_of(SCALARS, st.lists(SCALARS, max_size=2), st.dictionaries(st.sampled_from("ab"), SCALARS))
ROWS = st.lists(st.dictionaries(st.sampled_from("ab"), VALUES), max_size=8)


@given(ROWS)
def test_any_values_can_be_sorted_and_equal_ones_keep_their_order(rows):
    numbered = [{**row, "number": number} for number, row in enumerate(rows)]
    key = sort_key([OrderBy("a"), OrderBy("b", descending=True)])
    ordered = sorted(numbered, key=key)
    for before, after in pairwise(ordered):
        assert key(before) < key(after) or before["number"] < after["number"]


@given(ROWS, st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]))
def test_any_values_can_be_compared_and_opposites_exclude_each_other(rows, operator):
    opposite = {"eq": "ne", "ne": "eq", "gt": "le", "le": "gt", "ge": "lt", "lt": "ge"}[operator]
    for row in rows:
        assert not (passes(f"a {operator} b", row) and passes(f"a {opposite} b", row))
