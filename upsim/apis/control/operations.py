"""The table of operations, as data."""

from typing import Any

from aiohttp import web

from upsim.server.context import Call, json_response
from upsim.server.operation import Operation, Scopes


async def list_operations(call: Call) -> web.Response:
    """Return every row of every API."""
    return json_response({"value": [represent_operation(operation) for operation in call.site.list_operations()]})


def represent_operation(operation: Operation) -> dict[str, Any]:
    """Return one row, without its handler."""
    access = operation.access
    return {
        "id": operation.id,
        "method": operation.method,
        "path": operation.path,
        "code": operation.code,
        "versions": [version for version in operation.versions if version],
        "access": represent_scopes(access) if isinstance(access, Scopes) else access.value,
        "success": list(operation.success),
        "support": operation.support.value,
        "note": operation.note,
        "evidence": {"level": operation.evidence.level, "source": operation.evidence.source},
        "summary": operation.summary,
    }


def represent_scopes(scopes: Scopes) -> dict[str, Any]:
    """Return the permissions of a row, least privileged first."""
    return {
        "delegated": list(scopes.delegated),
        "application": list(scopes.application),
        "administrator": scopes.administrator,
    }
