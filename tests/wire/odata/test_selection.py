import pytest
from hypothesis import given
from hypothesis import strategies as st

from upsim.wire.odata.query import parse_query
from upsim.wire.odata.selection import apply_select, is_selected, plan_expand, selected_names

JOB = {
    "@odata.context": "#jobs",
    "id": "1",
    "status": {"@odata.type": "#status", "state": "paused", "details": []},
    "margins": [{"top": 1, "left": 2}, {"top": 3}],
    "documents@odata.context": "#documents",
    "documents": [{"id": "d1"}],
}


def selected(*select, **how):
    return apply_select(JOB, select, **how)


def test_no_selection_is_everything():
    assert selected() == JOB
    assert selected("status", "*") == JOB


def test_a_selection_keeps_the_id_and_the_control_information():
    assert selected("margins", "nothing") == {"@odata.context": "#jobs", "id": "1", "margins": JOB["margins"]}


def test_what_is_always_sent_can_be_changed():
    assert selected("margins", always=()) == {"@odata.context": "#jobs", "margins": JOB["margins"]}


def test_a_path_selects_inside_a_value():
    assert selected("status/state")["status"] == {"@odata.type": "#status", "state": "paused"}


def test_a_path_selects_inside_every_element():
    assert selected("margins/left")["margins"] == [{"left": 2}, {}]


@pytest.mark.parametrize("select", [("status", "status/state"), ("status/state", "status")])
def test_the_whole_value_wins_over_a_part_of_it(select):
    assert selected(*select)["status"] == JOB["status"]


def test_a_path_into_a_simple_value_selects_that_value():
    assert apply_select({"a": None, "b": 1}, ["a/x", "b/y"]) == {"a": None, "b": 1}


def test_expanded_properties_are_sent_although_not_selected():
    kept = selected("id", expanded=("documents",))
    assert list(kept) == ["@odata.context", "id", "documents@odata.context", "documents"]


def test_a_type_cast_does_not_change_the_shape():
    assert apply_select({"printer": 1, "other": 2}, ["microsoft.graph.operation/printer"]) == {"printer": 1}
    assert apply_select({"id": 1, "other": 2}, ["microsoft.graph.operation"]) == {"id": 1}


def test_a_costly_property_is_sent_only_when_named():
    assert not is_selected((), "capabilities")
    assert not is_selected(("*",), "capabilities")
    assert is_selected(("id", "capabilities/sides"), "capabilities")


def test_the_names_of_a_selection_are_known():
    assert selected_names(()) is None
    assert selected_names(("a/b", "c")) == {"a", "c"}


def plan(expand, navigation=()):
    return plan_expand(parse_query(f"$expand={expand}").expand, navigation)


def test_each_expanded_property_has_its_own_options():
    documents = plan("documents($select=size),tasks")["documents"]
    assert documents.select == ("size",)


def test_a_star_stands_for_the_rest():
    planned = plan("*,documents($select=size)", ["documents", "tasks"])
    assert {name: options.select for name, options in planned.items()} == {"documents": ("size",), "tasks": ()}


@pytest.mark.parametrize("expand", ["printer/shares,printer($top=1)", "printer($top=1),printer/shares"])
def test_a_path_expands_inside_an_expanded_property(expand):
    printer = plan(expand)["printer"]
    assert printer.top == 1
    assert list(plan_expand(printer.expand)) == ["shares"]
    assert printer.given == {"$top", "$expand"}


NAMES = st.sampled_from("abc")
VALUES = st.recursive(st.integers(), lambda inner: st.dictionaries(NAMES, inner) | st.lists(inner), max_leaves=10)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)


@given(st.dictionaries(NAMES, VALUES), st.lists(PATHS))
def test_selecting_twice_is_selecting_once(representation, select):
    once = apply_select(representation, select)
    assert apply_select(once, select) == once
    assert once.keys() <= representation.keys()
