from contextlib import suppress
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsim.wire.odata.errors import BadQuery
from upsim.wire.odata.filter import (
    FUNCTIONS,
    Comparison,
    FunctionCall,
    In,
    Lambda,
    Literal,
    Logical,
    Not,
    Property,
    format_filter,
    parse_filter,
    parse_notification_query,
    property_paths,
)
from upsim.wire.odata.limits import Limits
from upsim.wire.odata.literals import EnumMember

A, B, C = (Property((name,)) for name in "abc")


@pytest.mark.parametrize("operator", ["eq", "ne", "gt", "ge", "lt", "le"])
def test_each_comparison_is_read(operator):
    assert parse_filter(f"a {operator} 1") == Comparison(operator, A, Literal(1))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'O''Neil'", "O'Neil"),
        ("-1.5", -1.5),
        ("true", True),
        ("null", None),
        ("2026-01-05", date(2026, 1, 5)),
        ("2026-01-05T00:00:00Z", datetime(2026, 1, 5, tzinfo=UTC)),
        ("5b0d7c1e-0000-4000-8000-000000000b01", UUID("5b0d7c1e-0000-4000-8000-000000000b01")),
        ("microsoft.graph.printEvent'jobStarted'", EnumMember("microsoft.graph.printEvent", "jobStarted")),
    ],
)
def test_each_literal_is_read(text, value):
    assert parse_filter(f"a eq {text}") == Comparison("eq", A, Literal(value))


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("a or b and c", Logical("or", (A, Logical("and", (B, C))))),
        ("(a or b) and c", Logical("and", (Logical("or", (A, B)), C))),
        ("a and b and c", Logical("and", (A, B, C))),
        ("not a and b", Logical("and", (Not(A), B))),
        ("not a eq b", Comparison("eq", Not(A), B)),
        ("not (a eq b)", Not(Comparison("eq", A, B))),
        ("a gt b eq c", Comparison("eq", Comparison("gt", A, B), C)),
        ("a in (1,2) eq true", Comparison("eq", In(A, (Literal(1), Literal(2))), Literal(True))),
        ("a EQ b AND c", Logical("and", (Comparison("eq", A, B), C))),
    ],
)
def test_operators_bind_as_the_standard_says(text, meaning):
    assert parse_filter(text) == meaning


def test_functions_take_expressions():
    assert parse_filter("startswith(tolower(a),'x') eq true") == Comparison(
        "eq", FunctionCall("startswith", (FunctionCall("tolower", (A,)), Literal("x"))), Literal(True)
    )
    assert parse_filter("a lt now()") == Comparison("lt", A, FunctionCall("now", ()))


def test_a_lambda_has_a_variable():
    assert parse_filter("status/details/any(d:d eq 'mediaJam')") == Lambda(
        "any", Property(("status", "details")), "d", Comparison("eq", Property((), "d"), Literal("mediaJam"))
    )
    assert parse_filter("a/any()") == Lambda("any", A)


def test_a_lambda_variable_ends_with_its_lambda():
    expression = parse_filter("a/all(b:b/c eq 1) and b eq 2")
    assert expression.operands[0].predicate.left == Property(("c",), "b")
    assert expression.operands[1].left == B


def test_lambdas_nest():
    text = "shares/any(s:s/tasks/any(t:t/id eq s/id and t/state eq state))"
    assert list(property_paths(parse_filter(text))) == [
        ("shares",),
        ("shares", "tasks"),
        ("shares", "tasks", "id"),
        ("shares", "id"),
        ("shares", "tasks", "state"),
        ("state",),
    ]


@pytest.mark.parametrize("name", ["any", "nullable", "notes", "order", "e1"])
def test_a_name_may_look_like_a_keyword(name):
    assert parse_filter(f"{name} eq 1").left == Property((name,))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Syntax error at position 0 in ''."),
        ("a eq", "Syntax error at position 4 in 'a eq'."),
        ("a b", "Syntax error at position 2 in 'a b'."),
        ("a eq b eq c", "Syntax error at position 7 in 'a eq b eq c'."),
        ("(a eq 1", "Syntax error at position 7 in '(a eq 1'."),
        ("a eq 2026-13-01", "Syntax error at position 5 in 'a eq 2026-13-01'."),
        ("a/all()", "Syntax error at position 6 in 'a/all()'."),
        ("a in 1", "Syntax error at position 5 in 'a in 1'."),
        ("a in (1 2)", "Syntax error at position 8 in 'a in (1 2)'."),
        ("a in (b)", "Syntax error at position 6 in 'a in (b)'."),
        ("a/1", "Syntax error at position 2 in 'a/1'."),
        ("a eq 'x", "There is an unterminated string literal at position 7 in 'a eq 'x'."),
        ("a eq  %", "Syntax error: character '%' is not valid at position 6 in 'a eq  %'."),
        ("substringof('a',b)", "An unknown function with name 'substringof' was found."),
        (
            "contains(a)",
            "No function signature for the function with name 'contains' matches the specified arguments.",
        ),
    ],
)
def test_a_mistake_is_explained_in_the_words_of_graph(text, reason):
    with pytest.raises(BadQuery) as refusal:
        parse_filter(text)
    assert refusal.value.message == f"Invalid filter clause: {reason}"
    assert refusal.value.option == "$filter"


FETCHABLE = Comparison("eq", Property(("isFetchable",)), Literal(True))


@pytest.mark.parametrize(
    "text",
    [
        "$filter = isFetchable eq true",
        "$filter=isFetchable eq true",
        "?$filter=isFetchable%20eq%20true",
        " %24Filter =  isFetchable eq true ",
    ],
)
def test_a_notification_filter_may_have_spaces_around_its_equals_sign(text):
    assert parse_notification_query(text) == FETCHABLE


@pytest.mark.parametrize("text", ["", "isFetchable eq true", "$select=id", "$filter", "$filter="])
def test_a_notification_query_is_a_filter(text):
    with pytest.raises(BadQuery):
        parse_notification_query(text)


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (Limits(filter_length=5), "a eq 1"),
        (Limits(filter_nodes=3), "a eq 1 and b"),
        (Limits(filter_depth=2), "((a))"),
        (Limits(filter_depth=2), "not not a"),
        (Limits(filter_depth=2), "tolower(tolower(a))"),
        (Limits(filter_depth=2), "a/any(b:b/any(c:c))"),
    ],
)
def test_everything_that_grows_is_limited(limits, text):
    parse_filter(text)
    with pytest.raises(BadQuery):
        parse_filter(text, limits)


@pytest.mark.parametrize("part", ["(", "not ", "a and ", "tolower(", "a/any(a:", "a in (", "1,", "a/"])
def test_a_hostile_filter_is_refused_at_once(part):
    with pytest.raises(BadQuery):
        parse_filter(part * (8000 // len(part)))


PIECES = st.sampled_from(
    ["a", "b/c", "/", "any(", "d:", "(", ")", ",", " eq ", " and ", " not ", " in ", "'x'", "'", "1", "null",
     "contains(", "2026-01-05", "T10:00Z", "x.y'z'", " ", "-", "."]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
def test_any_text_is_read_or_refused(text):
    with suppress(BadQuery):
        parse_filter(text)


NAMES = st.sampled_from(["a", "status", "createdBy", "isFetchable", "ünï"])
PROPERTIES = st.builds(Property, st.lists(NAMES, min_size=1, max_size=3).map(tuple))
LITERALS = st.builds(
    Literal,
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=10),
        st.dates(),
        st.datetimes(timezones=st.just(UTC)),
        st.uuids(),
        st.builds(EnumMember, st.just("microsoft.graph.printEvent"), st.text(max_size=5)),
    ),
)


def larger(inner):
    return st.one_of(
        st.builds(Comparison, st.sampled_from(["eq", "ne", "gt", "ge", "lt", "le"]), inner, inner),
        st.builds(Logical, st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=4).map(tuple)),
        st.builds(Not, inner),
        st.builds(In, inner, st.lists(LITERALS, max_size=3).map(tuple)),
        st.sampled_from(sorted(FUNCTIONS)).flatmap(
            lambda name: st.builds(FunctionCall, st.just(name), st.tuples(*[inner] * FUNCTIONS[name]))
        ),
        st.builds(Lambda, st.just("any"), PROPERTIES),
        st.builds(Lambda, st.sampled_from(["any", "all"]), PROPERTIES, st.just("it"), inner),
    )


EXPRESSIONS = st.recursive(st.one_of(PROPERTIES, LITERALS), larger, max_leaves=12)


@given(EXPRESSIONS)
def test_an_expression_written_down_is_read_back(expression):
    assert parse_filter(format_filter(expression), Limits(filter_depth=200)) == expression


def test_a_lambda_variable_is_written_and_read_back():
    text = "a/any(d:contains(d/name,'x') or (d/id eq b))"
    assert format_filter(parse_filter(text)) == text
