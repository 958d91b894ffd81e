"""An operation of the table that the model lacks is named when the table is built."""

from typing import Any

import pytest
from msgspec.structs import replace

from upsim.apis.graph.bodies import Parameters
from upsim.apis.graph.declared import UndeclaredOperationError, checked
from upsim.apis.graph.model import schema_of
from upsim.apis.graph.openapi_schemas import single_value
from upsim.apis.graph.resource_paths import NotDeclaredError, type_at
from upsim.apis.graph.table import TABLE
from upsim.server.operation import Support
from upsim.wire.odata.schema import TypeReference

START = next(each for each in TABLE if each.id == "graph.share.job.start")


def test_the_table_is_declared() -> None:
    assert checked(TABLE) is TABLE


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"path": "/print/shares/{share}/jobs/{job}/reprint"},
            "graph.share.job.start (POST /print/shares/{share}/jobs/{job}/reprint): the model of v1.0 does not "
            "declare 'reprint'. Add it to _MODEL in upsim/apis/graph/model.py.",
        ),
        ({"path": "/prints"}, "does not declare 'prints'"),
        ({"path": "/print/shares/{share}/jobs/{job}/cancel"}, "declares no return type for 'cancel'"),
        ({"takes": Parameters("reprint"), "handler": len}, "does not declare the action 'reprint'"),
    ],
)
def test_an_operation_that_the_model_lacks_is_named(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UndeclaredOperationError) as raised:
        checked((replace(START, **changes),))
    assert sentence in str(raised.value)


def test_an_operation_that_is_not_emulated_needs_no_declaration() -> None:
    checked((replace(START, path="/print/unheard", support=Support.NOT_EMULATED),))


def test_the_type_at_a_path() -> None:
    schema = schema_of("v1.0")
    jobs = type_at(schema, "/print/shares/{share}/jobs")
    assert jobs is not None
    assert (jobs.type, jobs.collection) == ("printJob", True)
    assert type_at(schema, "/print/shares/{share}/jobs/{job}/microsoft.graph.cancel") is None
    with pytest.raises(NotDeclaredError, match="'users'"):
        type_at(schema, "/print/users")


def test_a_function_that_returns_a_primitive_answers_its_value_by_name() -> None:
    described = single_value("v1.0", TypeReference("Edm.Int32", nullable=False))
    assert described["properties"]["value"]["type"] == "integer"
