import pytest

from upsim.wire.odata.errors import BadQuery, bad_clause, syntax_error, unknown_property


def test_a_bad_query_is_a_value_error_that_names_its_option():
    error = BadQuery("No.", option="$top")
    assert isinstance(error, ValueError)
    assert (str(error), error.message, error.option) == ("No.", "No.", "$top")


@pytest.mark.parametrize("option", ["$select", "$expand"])
def test_an_unknown_property_is_reported_in_the_words_of_graph(option):
    assert unknown_property(option, "x", "microsoft.graph.printer").message == (
        "Parsing OData Select and Expand failed: "
        "Could not find a property named 'x' on type 'microsoft.graph.printer'."
    )


def test_a_filter_is_introduced_in_the_words_of_graph():
    assert syntax_error("$filter", 3, "a eq").message == (
        "Invalid filter clause: Syntax error at position 3 in 'a eq'."
    )


def test_other_options_have_no_introduction():
    assert bad_clause("$orderby", "No.").message == "No."
