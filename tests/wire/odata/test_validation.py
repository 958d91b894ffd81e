import pytest

from upsim.wire.odata.errors import BadQuery
from upsim.wire.odata.evaluate import compile_filter
from upsim.wire.odata.filter import parse_filter
from upsim.wire.odata.query import parse_query
from upsim.wire.odata.schema import ComplexType, EntityType, EnumType, NavigationType, PropertyType, Schema
from upsim.wire.odata.validation import check_query, property_check

SCHEMA = Schema(
    {
        "state": EnumType("state", {"idle": 1, "stopped": 3}),
        "status": ComplexType(
            "status",
            {"state": PropertyType("state"), "details": PropertyType("state", collection=True)},
        ),
        "identity": ComplexType("identity", {"id": PropertyType("Edm.String")}, open=True),
        "printerBase": EntityType(
            "printerBase",
            {"id": PropertyType("Edm.String"), "status": PropertyType("status")},
            {"jobs": NavigationType("printJob", collection=True)},
        ),
        "printer": EntityType(
            "printer",
            {
                "isShared": PropertyType("Edm.Boolean"),
                "registeredDateTime": PropertyType("Edm.DateTimeOffset"),
                "pages": PropertyType("Edm.Int64"),
            },
            base="printerBase",
        ),
        "printJob": EntityType("printJob", {"createdBy": PropertyType("identity")}, base="printerBase"),
    }
)


def check(query):
    check_query(parse_query(query), SCHEMA, "microsoft.graph.printer")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "$select=*",
        "$select=id,isShared,status/state,jobs",
        "$select=microsoft.graph.printer/isShared,microsoft.graph.printJob",
        "$expand=*",
        "$expand=jobs($select=createdBy;$expand=jobs)",
        "$expand=microsoft.graph.printJob/jobs",
        "$orderby=status/state desc,id",
        "$filter=jobs/any(j:j/createdBy/anything eq 1)",
        "$filter=isShared eq true and registeredDateTime ge 2026-01-05 and 5 lt pages and id ne null",
        "$filter=status/state eq 'idle' or status/state eq microsoft.graph.state'stopped' or isShared",
        "$filter=status/details/any(d:d eq 'idle') or status/state in ('idle','stopped')",
        "$filter=id eq 5b0d7c1e-0000-4000-8000-000000000b01 and status ne null and status eq 1",
    ],
)
def test_what_the_schema_knows_is_accepted(query):
    check(query)


CLAUSE = "Parsing OData Select and Expand failed: "
FILTER = "Invalid filter clause: "


@pytest.mark.parametrize(
    ("query", "prefix", "name", "type_name"),
    [
        ("$select=id,x", CLAUSE, "x", "microsoft.graph.printer"),
        ("$select=status/x", CLAUSE, "x", "microsoft.graph.status"),
        ("$select=id/x", CLAUSE, "x", "Edm.String"),
        ("$expand=x", CLAUSE, "x", "microsoft.graph.printer"),
        ("$expand=jobs($select=x)", CLAUSE, "x", "microsoft.graph.printJob"),
        ("$expand=jobs($filter=x eq 1)", FILTER, "x", "microsoft.graph.printJob"),
        ("$filter=x eq 1", FILTER, "x", "microsoft.graph.printer"),
        ("$filter=jobs/any(j:j/x eq 1)", FILTER, "x", "microsoft.graph.printJob"),
        ("$orderby=x", "", "x", "microsoft.graph.printer"),
    ],
)
def test_an_unknown_property_is_reported_in_the_words_of_graph(query, prefix, name, type_name):
    with pytest.raises(BadQuery) as refusal:
        check(query)
    assert refusal.value.message == f"{prefix}Could not find a property named '{name}' on type '{type_name}'."


def test_an_unknown_member_of_an_enumeration_is_refused():
    with pytest.raises(BadQuery, match=r"The string 'busy' is not a valid enumeration type constant\."):
        check("$filter=status/state eq 'busy'")


@pytest.mark.parametrize("path", ["id", "status", "status/state", "microsoft.graph.printer"])
def test_only_navigation_properties_can_be_expanded(path):
    with pytest.raises(BadQuery, match=r"Only navigation properties can be expanded\."):
        check(f"$expand={path}")


@pytest.mark.parametrize(
    ("text", "left", "right", "kind"),
    [
        ("isShared eq 'true'", "Edm.Boolean", "Edm.String", "Equal"),
        ("1 gt isShared", "Edm.Boolean", "Edm.Int32", "GreaterThan"),
        ("pages lt true", "Edm.Int64", "Edm.Boolean", "LessThan"),
        ("id eq 1.5", "Edm.String", "Edm.Double", "Equal"),
        ("pages ne 2026-01-05", "Edm.Int64", "Edm.Date", "NotEqual"),
        ("pages ge 2026-01-05T00:00Z", "Edm.Int64", "Edm.DateTimeOffset", "GreaterThanOrEqual"),
        ("registeredDateTime le '2026'", "Edm.DateTimeOffset", "Edm.String", "LessThanOrEqual"),
        ("pages eq 5b0d7c1e-0000-4000-8000-000000000b01", "Edm.Int64", "Edm.Guid", "Equal"),
        ("status/state eq 1", "microsoft.graph.state", "Edm.Int32", "Equal"),
        ("status/state in (graph.x'idle')", "microsoft.graph.state", "graph.x", "Equal"),
    ],
)
def test_a_property_is_compared_with_a_literal_of_its_own_type(text, left, right, kind):
    with pytest.raises(BadQuery) as refusal:
        check(f"$filter={text}")
    assert refusal.value.message == (
        "Invalid filter clause: A binary operator with incompatible types was detected. "
        f"Found operand types '{left}' and '{right}' for operator kind '{kind}'."
    )


def test_compiling_a_filter_asks_the_schema():
    asks = {"type_name": "printer", "property_check": property_check(SCHEMA)}
    assert compile_filter(parse_filter("status/state eq 'idle'"), **asks)({"status": {"state": "idle"}})
    with pytest.raises(BadQuery, match=r"'microsoft\.graph\.state'"):
        compile_filter(parse_filter("status/state/x"), **asks)
