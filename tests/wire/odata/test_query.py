from contextlib import suppress
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from upsim.wire.odata.errors import BadQuery
from upsim.wire.odata.filter import Comparison, Literal, Property
from upsim.wire.odata.limits import DEFAULT_LIMITS, Limits
from upsim.wire.odata.query import ExpandItem, OrderBy, QueryOptions, parse_query

DESCRIBED = "createdBy/userPrincipalName eq 'ada@contoso.example'"
COMPARISON = Comparison("eq", Property(("createdBy", "userPrincipalName")), Literal("ada@contoso.example"))


def test_no_query_asks_for_nothing():
    assert parse_query("") == QueryOptions()
    assert parse_query("?") == QueryOptions()


def test_every_option_is_read():
    options = parse_query(
        "$select=id,displayName&$expand=documents&$filter=isFetchable eq true&$orderby=createdDateTime desc"
        "&$top=5&$skip=10&$count=true&$search=lab&$skiptoken=abc&$format=json&client=x"
    )
    assert options.select == ("id", "displayName")
    assert options.expand == (ExpandItem("documents", QueryOptions()),)
    assert options.filter == Comparison("eq", Property(("isFetchable",)), Literal(True))
    assert options.orderby == (OrderBy("createdDateTime", descending=True),)
    assert (options.top, options.skip, options.count) == (5, 10, True)
    assert (options.search, options.skiptoken, options.format) == ("lab", "abc", "json")
    assert options.custom == {"client": "x"}


def test_the_options_that_were_written_are_known():
    assert parse_query("$Top=5&%24count=false&x=1").given == {"$top", "$count"}


@pytest.mark.parametrize("name", ["$filter", "%24filter", "$Filter", "%24FILTER"])
@pytest.mark.parametrize("encode", [quote, quote_plus, str])
def test_names_and_values_may_be_encoded_in_any_usual_way(name, encode):
    assert parse_query(f"{name}={encode(DESCRIBED)}").filter == COMPARISON


def test_a_plus_of_a_time_zone_that_was_not_encoded_is_understood():
    encoded, bare = (parse_query(f"$filter=a ge 2026-01-01T00:00:00{plus}01:00") for plus in ("%2B", "+"))
    assert encoded.filter == bare.filter


def test_reference_parameters_are_custom():
    assert parse_query("@id=https%3A%2F%2Fgraph%2Fusers%2F1").custom == {"@id": "https://graph/users/1"}


NATURAL = "query option found. The {} query option requires a non-negative integer value."
CLAUSE = "Parsing OData Select and Expand failed: Syntax error at position"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            "$top=1&%24TOP=2",
            "Query option '$top' was specified more than once, but it must be specified at most once.",
        ),
        ("$apply=x", "The query parameter '$apply' is not supported."),
        ("$top=-1", f"Invalid value '-1' for $top {NATURAL.format('$top')}"),
        ("$skip=x", f"Invalid value 'x' for $skip {NATURAL.format('$skip')}"),
        ("$count=yes", "Invalid value 'yes' for $count query option found. Valid values are 'true' and 'false'."),
        ("$select=a,,b", f"{CLAUSE} 2 in 'a,,b'."),
        ("$select=a%20b", f"{CLAUSE} 0 in 'a b'."),
        ("$orderby=a up", "Syntax error at position 0 in 'a up'."),
        ("$expand=a($select=b", f"{CLAUSE} 11 in 'a($select=b'."),
        ("$expand=a)", f"{CLAUSE} 1 in 'a)'."),
        ("$expand=a(select=b)", f"{CLAUSE} 0 in 'select=b'."),
        ("$filter=%FF", "The query string is not UTF-8."),
    ],
)
def test_a_mistake_is_explained(query, message):
    with pytest.raises(BadQuery) as refusal:
        parse_query(query)
    assert refusal.value.message == message


@pytest.mark.parametrize("query", ["$top=x", "$filter=a b", "$select=?", "$expand=?", "$orderby=?", "$count="])
def test_a_mistake_names_its_option(query):
    with pytest.raises(BadQuery) as refusal:
        parse_query(query)
    assert refusal.value.option == query.partition("=")[0]


def test_selected_paths_are_kept_once_and_in_order():
    assert parse_query("$select=location/city, *,id,id").select == ("location/city", "*", "id")


def test_an_empty_selection_is_none():
    assert parse_query("$select=&$orderby=").select == ()


def test_expanded_properties_have_options_of_their_own():
    text = "documents($select=id,size;$expand=a($top=2;$filter=name eq 'x;y,(z');$orderby=size desc),tasks"
    documents, tasks = parse_query(f"$expand={text}").expand
    assert documents.options.select == ("id", "size")
    assert documents.options.orderby == (OrderBy("size", descending=True),)
    assert documents.options.given == {"$select", "$expand", "$orderby"}
    assert documents.options.expand[0].options.filter == Comparison("eq", Property(("name",)), Literal("x;y,(z"))
    assert documents.options.expand[0].options.top == 2
    assert tasks == ExpandItem("tasks", QueryOptions())


@pytest.mark.parametrize(
    ("limits", "query"),
    [
        (Limits(query_length=10), "$select=abc"),
        (Limits(options=2), "a=1&b=2&c=3"),
        (Limits(select_items=2), "$select=a,b,c"),
        (Limits(expand_items=2), "$expand=a,b,c"),
        (Limits(expand_depth=1), "$expand=a($expand=b)"),
        (Limits(orderby_items=2), "$orderby=a,b,c"),
        (Limits(filter_length=5), "$filter=a eq 1"),
        (Limits(top_max=999), "$top=1000"),
    ],
)
def test_everything_that_grows_is_limited(limits, query):
    parse_query(query)
    with pytest.raises(BadQuery):
        parse_query(query, limits)


def test_a_page_beyond_the_largest_is_refused_in_the_words_of_graph():
    with pytest.raises(BadQuery) as refusal:
        parse_query("$top=1000", replace(DEFAULT_LIMITS, top_max=999))
    assert refusal.value.message == ("Invalid page size specified: '1000'. Must be between 1 and 999 inclusive.")


PIECES = st.sampled_from(
    ["$", "%24", "select", "expand", "filter", "orderby", "top", "=", "&", "(", ")", ";", ",", "'", '"', "a", "/",
     " eq ", "1", "%", "+", "any(", "$expand=a("]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
def test_any_query_string_is_read_or_refused(query):
    with suppress(BadQuery):
        parse_query(query)


@pytest.mark.parametrize(
    "query",
    ["$expand=" + "a(" * 5000, "$expand=" + "a($expand=" * 1000, "$select=" + "," * 9000, "$filter=" + "(" * 8000],
)
def test_a_hostile_query_string_is_refused_at_once(query):
    with pytest.raises(BadQuery):
        parse_query(query)
