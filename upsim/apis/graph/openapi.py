"""The table of operations as an OpenAPI 3.0 description.

Types come from the model that `$metadata` shows, request bodies from the check that the handler makes, answers
from the type at the path in the model. Nothing is written twice, so the description is always current.
"""

import re
from collections.abc import Iterable
from typing import Any

from upsim.apis.graph import openapi_schemas as schemas
from upsim.apis.graph.bodies import BodyHandler
from upsim.apis.graph.model import schema_of
from upsim.apis.graph.resource_paths import type_at
from upsim.apis.graph.selection import Json
from upsim.server.operation import Open, Operation, Scopes, Support
from upsim.wire.odata.schema import Schema, TypeReference

_PARAMETER = re.compile(r"\{(\w+)\}")
_JSON = "application/json"
_BYTES: Json = {"schema": {"type": "string", "format": "binary"}}
_ROOTS = {"v1.0": "/v1.0", "beta": "/beta", "": ""}
_OPTIONS_OF_ONE = ("$select", "$expand")
_OPTIONS_OF_MANY = (*_OPTIONS_OF_ONE, "$filter", "$orderby", "$top", "$skip", "$count", "$search")
_NUMBERS: dict[str, Json] = {
    "$top": {"type": "integer", "minimum": 0},
    "$skip": {"type": "integer", "minimum": 0},
    "$count": {"type": "boolean"},
}
_OWN: dict[str, dict[str, dict[int, Json]]] = {
    "/$batch": {"POST": {200: {_JSON: {"schema": schemas.BATCHED}}}},
    "/$metadata": {"GET": {200: {"application/xml": {"schema": {"type": "string"}}}}},
    "/_upsim/openapi.json": {"GET": {200: {_JSON: {"schema": {"type": "object"}}}}},
    "/uploadSessions/{session}": {
        "PUT": {
            201: {_JSON: {"schema": schemas.UPLOADED}},
            202: {_JSON: {"schema": schemas.component("v1.0", "uploadSession")}},
        },
        "GET": {200: {_JSON: {"schema": schemas.component("v1.0", "uploadSession")}}},
    },
    "/downloads/{link}": {"GET": {200: {"*/*": _BYTES}, 206: {"*/*": _BYTES}}},
}
"""Answers of operations whose paths lie outside the model."""


def describe(table: Iterable[Operation], base_url: str) -> Json:
    """Return the description of every operation that upsim serves, under the address of the server."""
    paths: Json = {}
    for operation in table:
        if operation.support is Support.NOT_EMULATED:
            continue
        for version in operation.versions:
            path = _ROOTS[version] + _spelled(schema_of(version or "v1.0"), operation.path)
            paths.setdefault(path, {})[operation.method.lower()] = _operation(operation, version, path)
    described = {
        name: each for v in ("v1.0", "beta") for name, each in schemas.components(v, schema_of(v)).items()
    }
    return {
        "openapi": "3.0.3",
        "info": {"title": "upsim: Microsoft Graph print API", "version": "1"},
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "schemas": {"error": schemas.ERROR, **described},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _spelled(schema: Schema, path: str) -> str:
    """Return a function's path with its parameters, as Microsoft's own description spells them."""
    if not path.endswith("()"):
        return path
    parent, _, name = path[:-2].rpartition("/")
    parameters = schema.operation(name).parameters[1:]
    given = [f"{each.name}={_literal(each.type, each.name)}" for each in parameters]
    return f"{parent}/{name}({','.join(given)})"


def _literal(type_name: str, name: str) -> str:
    return f"'{{{name}}}'" if type_name == "Edm.String" else f"{{{name}}}"


def _operation(operation: Operation, version: str, path: str) -> Json:
    described: Json = {
        "operationId": f"{operation.id}.{version or 'root'}",
        "summary": operation.summary,
        "tags": [operation.id.split(".")[1]],
        "parameters": [*_path_parameters(path), *_query_parameters(operation, version)],
        "responses": {
            **{str(status): _success(operation, version, status) for status in operation.success},
            **{str(status): _refusal(status) for status in _errors(operation, path)},
        },
    }
    if content := _request(operation, version):
        described["requestBody"] = {"content": content, "required": True}
    if isinstance(operation.access, Scopes):
        described["security"] = [{"bearer": []}]
        described["description"] = _permissions(operation.access)
    elif operation.access is Open.CALLER:
        described["security"] = [{"bearer": []}]
    return described


def _path_parameters(path: str) -> list[Json]:
    moment = {"type": "string", "format": "date-time"}
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": moment if name.endswith("DateTime") else {"type": "string", "minLength": 1},
        }
        for name in _PARAMETER.findall(path)
    ]


def _query_parameters(operation: Operation, version: str) -> list[Json]:
    """OData's options where they apply; all collections know all of them, and some ignore or refuse some."""
    if operation.path.endswith("/$ref"):
        needed = (
            operation.method == "DELETE" and "{" not in operation.path.rpartition("/$ref")[0].rpartition("/")[2]
        )
        return [_query("@id", {"type": "string"}, required=True)] if needed else []
    if operation.method == "PUT" or "{session}" in operation.path or "{link}" in operation.path:
        return [_query("tempauthtoken", {"type": "string"}, required=True)]
    if operation.method != "GET" or not version or operation.success != (200,):
        return []
    if operation.path == "/$metadata":
        return []
    found = type_at(schema_of(version), operation.path)
    if found is None or _is_primitive(found):
        return []
    names = _OPTIONS_OF_MANY if found.collection else _OPTIONS_OF_ONE
    return [_query(name, _NUMBERS.get(name, {"type": "string"})) for name in names]


def _query(name: str, schema: Json, *, required: bool = False) -> Json:
    return {"name": name, "in": "query", "required": required, "schema": schema}


def _request(operation: Operation, version: str) -> Json | None:
    takes: Any = operation.takes or (
        operation.handler.takes if isinstance(operation.handler, BodyHandler) else None
    )
    if operation.path == "/$batch":
        return {_JSON: {"schema": schemas.BATCH}}
    if operation.method == "PUT":
        return {"application/octet-stream": _BYTES}
    if takes is None:
        return None
    content: Json = {_JSON: {"schema": schemas.body(version, schema_of(version), takes)}}
    if operation.id.endswith("graph.printer.update"):
        content["application/ipp"] = _BYTES
    return content


def _success(operation: Operation, version: str, status: int) -> Json:
    if status == 302:
        return {"description": "Where it is", "headers": {"Location": {"schema": {"type": "string"}}}}
    if status == 204 or (status == 202 and version):
        return {"description": "Done" if status == 204 else "Accepted"}
    content = _OWN.get(operation.path, {}).get(operation.method, {}).get(status)
    return {"description": "Success", "content": content or _answer(operation, version)}


def _answer(operation: Operation, version: str) -> Json:
    if operation.path.endswith("/$count"):
        return {"text/plain": {"schema": {"type": "integer"}}}
    if operation.path.endswith("/$ref"):
        return {_JSON: {"schema": schemas.references()}}
    found = type_at(schema_of(version), operation.path)
    if found is None:
        raise ValueError(f"the model declares no return type for {operation.method} {operation.path}")
    if found.collection and operation.method == "GET":
        return {_JSON: {"schema": schemas.page(version, found)}}
    if _is_primitive(found):
        return {_JSON: {"schema": schemas.single_value(version, found)}}
    return {_JSON: {"schema": schemas.component(version, found.type)}}


def _is_primitive(described: TypeReference) -> bool:
    return described.type.startswith("Edm.")


def _refusal(status: int) -> Json:
    return {
        "description": "Not emulated" if status == 501 else "An error in Graph's envelope",
        "content": {_JSON: {"schema": {"$ref": "#/components/schemas/error"}}},
    }


def _errors(operation: Operation, path: str) -> list[int]:
    """Return the statuses of the operation's refusals, without those that it never uses."""
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
