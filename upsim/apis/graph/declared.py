"""The check that the model declares every operation of the table.

`$metadata` and the OpenAPI description are written from the model, so an operation that the model lacks would be
missing from the one and break the other. The check runs once, when the table is built.
"""

from upsim.apis.graph.bodies import BodyHandler, Parameters
from upsim.apis.graph.model import schema_of
from upsim.apis.graph.resource_paths import NotDeclaredError, type_at
from upsim.server.operation import Operation, Support


class UndeclaredOperationError(Exception):
    """An operation of the Graph table that `upsim/apis/graph/model.py` does not declare."""


def checked(table: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """Return the table. Raises `UndeclaredOperationError` for the first operation that the model lacks.

    Paths of the service itself (`/$batch`, `/$metadata`) and upload and download addresses are outside the model.
    """
    for operation in table:
        if operation.support is not Support.NOT_EMULATED and not operation.path.startswith("/$"):
            for version in filter(None, operation.versions):
                if problem := _problem(operation, version):
                    raise UndeclaredOperationError(
                        f"{operation.id} ({operation.method} {operation.path}): the model of {version} {problem}. "
                        "Add it to _MODEL in upsim/apis/graph/model.py."
                    )
    return table


def _problem(operation: Operation, version: str) -> str | None:
    schema = schema_of(version)
    try:
        returned = type_at(schema, operation.path)
    except NotDeclaredError as error:
        return f"does not declare '{error.segment}'"
    takes = operation.handler.takes if isinstance(operation.handler, BodyHandler) else operation.takes
    if isinstance(takes, Parameters) and all(each.name != takes.action for each in schema.operations):
        return f"does not declare the action '{takes.action}', whose parameters the operation takes"
    if returned is None and 200 in operation.success:
        return f"declares no return type for '{operation.path.rpartition('/')[2]}', which answers 200"
    return None
