"""The table of operations as an OpenAPI 3.0 description. Types come from the same model as `$metadata`."""

import re
from collections.abc import Iterable

from upsim.faces.graph.model import schema_of
from upsim.faces.graph.selection import Json
from upsim.server.operation import Open, Operation, Scopes, Standing
from upsim.wire.odata.schema import EnumType, Schema, TypeReference

_PARAMETER = re.compile(r"\{(\w+)\}")
_PRIMITIVES: dict[str, Json] = {
    "Edm.String": {"type": "string"},
    "Edm.Boolean": {"type": "boolean"},
    "Edm.Int32": {"type": "integer", "format": "int32"},
    "Edm.Int64": {"type": "integer", "format": "int64"},
    "Edm.Double": {"type": "number", "format": "double"},
    "Edm.Date": {"type": "string", "format": "date"},
    "Edm.DateTimeOffset": {"type": "string", "format": "date-time"},
}
_ERROR: Json = {
    "description": "An error in Graph's envelope",
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error"],
                "properties": {
                    "error": {
                        "type": "object",
                        "required": ["code", "message", "innerError"],
                        "properties": {
                            "code": {"type": "string"},
                            "message": {"type": "string"},
                            "innerError": {"type": "object"},
                        },
                    }
                },
            }
        }
    },
}
_ROOTS = {"v1.0": "/v1.0", "beta": "/beta", "": ""}


def describe(table: Iterable[Operation], base_url: str) -> Json:
    """The description of every row that upsim serves, under the address of the server."""
    paths: Json = {}
    for operation in table:
        if operation.standing is Standing.NOT_EMULATED:
            continue
        for version in operation.versions:
            path = _ROOTS[version] + operation.path.replace("()", "({function})")
            paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, version, path)
    return {
        "openapi": "3.0.3",
        "info": {"title": "upsim: Microsoft Graph print API", "version": "1"},
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "schemas": _schemas(schema_of("beta")),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _operation(operation: Operation, version: str, path: str) -> Json:
    described: Json = {
        "operationId": f"{operation.id}.{version or 'root'}",
        "summary": operation.summary,
        "tags": [operation.id.split(".")[1]],
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in _PARAMETER.findall(path)
        ],
        "responses": {
            **{str(status): {"description": "Success"} for status in operation.success},
            **{str(status): _ERROR for status in _errors(operation, path)},
        },
    }
    if isinstance(operation.access, Scopes):
        described["security"] = [{"bearer": []}]
        described["description"] = _permissions(operation.access)
    return described


def _errors(operation: Operation, path: str) -> list[int]:
    """The statuses with which the row refuses; what a row never does is not among them."""
    statuses = {400, 413, 429, 503}
    if operation.access is not Open.ANYONE:
        statuses |= {401, 403}
    if "{" in path or operation.method != "GET":
        statuses.add(404)
    if operation.method != "GET":
        statuses |= {409, 415}
    if path.startswith(("/uploadSessions", "/downloads")):
        statuses |= {401, 404, 410, 416}
    return sorted(statuses)


def _permissions(access: Scopes) -> str:
    delegated = ", ".join(access.delegated) or "not supported"
    application = ", ".join(access.application) or "not supported"
    role = " A user must be a Printer Administrator." if access.administrator else ""
    if access.delegated_beside:
        role += f" A delegated token must also hold one of: {', '.join(access.delegated_beside)}."
    if access.application_beside and access.application:
        role += f" An application must also hold one of: {', '.join(access.application_beside)}."
    return f"Delegated: {delegated}. Application: {application}.{role}"


def _schemas(schema: Schema) -> Json:
    described: Json = {}
    for name, declared in schema.types.items():
        if isinstance(declared, EnumType):
            described[name] = {"type": "string", "enum": list(declared.members)}
        else:
            members = {member: _reference(each) for member, each in schema.properties(name).items()}
            described[name] = {"type": "object", "properties": members}
    return described


def _reference(described: TypeReference) -> Json:
    one = _PRIMITIVES.get(described.type) or {"$ref": f"#/components/schemas/{described.type}"}
    if described.collection:
        return {"type": "array", "items": one}
    if described.nullable:
        return {"nullable": True, **one} if "type" in one else {"nullable": True, "allOf": [one]}
    return one
