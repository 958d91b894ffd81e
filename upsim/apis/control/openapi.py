"""The control API as an OpenAPI 3.1 description, from the table and from what its handlers say they take.

It has the rows of other APIs too that are for whoever runs the server, such as the forging of tokens.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec
from aiohttp import web

from upsim.apis.control.bodies import query_of, taken_by
from upsim.server.context import Call, json_response
from upsim.server.operation import Open, Operation
from upsim.server.spelling import camel
from upsim.version import VERSION

Json = dict[str, Any]

PREFIX = "/_upsim/"
_PARAMETER = re.compile(r"\{(\w+)\}")
_REFERENCE = "#/components/schemas/{name}"
_TEXTS = frozenset({"control.ca", "control.metrics", "control.snippet", "control.snippets"})
"""Rows that answer text; every other answers JSON."""
_ARCHIVE: Json = {"application/zip": {"schema": {"type": "string", "format": "binary"}}}
_ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "reason": {"type": ["string", "null"]},
            },
        }
    },
}


async def show(call: Call) -> web.Response:
    """Return the description, under the address by which it was asked for."""
    return json_response(describe(call.site.list_operations(), call.base_url))


def describe(table: Iterable[Operation], base_url: str) -> Json:
    """Return every row below `/_upsim` with its parameters and its body."""
    rows = [row for row in table if row.path.startswith(PREFIX)]
    kinds = {kind for row in rows for kind in (_body(row), _query(row)) if kind is not None}
    ordered = sorted(kinds, key=lambda kind: kind.__qualname__)
    schemas, components = msgspec.json.schema_components(ordered, ref_template=_REFERENCE)
    components = {name: _in_camel(schema) for name, schema in components.items()}
    known = dict(zip(ordered, schemas, strict=True))
    paths: Json = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, known, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "upsim: control API",
            "version": VERSION,
            "description": "For tests and for whoever runs the server. It answers this machine only, or with "
            "--control-key whoever sends the key.",
        },
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "schemas": {**components, "Error": _ERROR},
            "securitySchemes": {"controlKey": {"type": "http", "scheme": "bearer"}},
        },
    }


def _in_camel(schema: Json) -> Json:
    """Return the schema of a struct with its members as JSON spells them."""
    if "properties" not in schema:
        return schema
    members = {camel(name): _default_in_camel(member) for name, member in schema["properties"].items()}
    required = {"required": [camel(name) for name in schema["required"]]} if "required" in schema else {}
    return {**schema, "properties": members, **required}


def _default_in_camel(member: Json) -> Json:
    default = member.get("default")
    if not isinstance(default, dict):
        return member
    return {**member, "default": {camel(name): value for name, value in default.items()}}


def _operation(row: Operation, known: dict[Any, Json], components: Json) -> Json:
    described: Json = {
        "operationId": row.id,
        "summary": row.summary,
        "tags": [row.id.split(".")[1]],
        "parameters": [*_in_path(row.path), *_in_query(_query(row), known, components)],
        "responses": {
            **{str(status): _success(row, status) for status in row.success},
            **{str(status): _refusal() for status in _refused(row)},
        },
        "security": [] if row.access is Open.ANYONE else [{}, {"controlKey": []}],
    }
    if row.note:
        described["description"] = row.note
    if row.id == "control.import":
        described["requestBody"] = {"required": True, "content": _ARCHIVE}
    body = _body(row)
    if body is not None:
        schema = _part(known[body], components) if row.method == "PATCH" else known[body]
        described["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return described


def _body(row: Operation) -> Any:
    """Return the type of the body that a row takes."""
    return taken_by(row.handler) or (row.takes if row.method != "GET" else None)


def _query(row: Operation) -> Any:
    """Return the type whose members are a row's query parameters."""
    return query_of(row.handler) or (row.takes if row.method == "GET" else None)


def _part(schema: Json, components: Json) -> Json:
    """Some of the members, where the type is that of the whole: what a change may name."""
    if not components[schema["$ref"].rpartition("/")[2]].get("required"):
        return schema
    return {"type": "object", "description": f"Some of the members of {schema['$ref'].rpartition('/')[2]}."}


def _in_path(path: str) -> list[Json]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(path)
    ]


def _in_query(kind: Any, known: dict[Any, Json], components: Json) -> list[Json]:
    if kind is None:
        return []
    members: Json = components[known[kind]["$ref"].rpartition("/")[2]]["properties"]
    return [{"name": name, "in": "query", "schema": schema} for name, schema in members.items()]


def _success(row: Operation, status: int) -> Json:
    if status == 204:
        return {"description": "Done."}
    if row.id == "control.export":
        return {"description": "Done.", "content": _ARCHIVE}
    is_text = row.id in _TEXTS or row.path.endswith("/transcript")
    kind = "text/plain" if is_text else "application/json"
    return {"description": "Done.", "content": {kind: {"schema": {"type": "string" if is_text else "object"}}}}


def _refusal() -> Json:
    return {
        "description": "Refused, with the reason in words.",
        "content": {"application/json": {"schema": {"$ref": _REFERENCE.format(name="Error")}}},
    }


def _refused(row: Operation) -> list[int]:
    """Return the statuses with which a row refuses."""
    statuses = set() if row.access is Open.ANYONE else {401, 403}
    if _body(row) is not None or _query(row) is not None:
        statuses.add(400)
    if "{" in row.path:
        statuses.add(404)
    if row.method in {"POST", "PUT", "PATCH"}:
        statuses.add(409)
    return sorted(statuses - set(row.success))
