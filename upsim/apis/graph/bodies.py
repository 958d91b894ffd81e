"""Request bodies, checked against the types before any service sees them.

Unknown properties, properties that the caller may not set, wrong types and unknown enum members are refused
with the sentences of Microsoft Graph. `@odata.*` annotations are accepted and ignored, because
SDKs send `@odata.type` along.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from aiohttp import web
from msgspec import Struct

from upsim.apis.graph.model import schema_of
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.wire.odata.literals import read_moment
from upsim.wire.odata.schema import EnumType, Schema, TypeReference

SPELLINGS = {"subUnit": "subunit"}
"""Spellings of the documentation's samples for members of the schema."""
_JSON_TYPE = re.compile(r"\s*(application|text)/(json|[\w.-]+\+json)\s*(;|$)", re.IGNORECASE)
_INT32, _INT64 = 2**31, 2**63


async def read_json(call: Call) -> dict[str, Any]:
    """Return the body as a JSON object. Another Content-Type, or none, is refused."""
    declared = call.request.headers.get("Content-Type")
    if (await call.body()).strip() and not _JSON_TYPE.match(declared or ""):
        if declared is None:
            raise Refusal(
                RefusalKind.INVALID,
                "Write requests (excluding DELETE) must contain the Content-Type header declaration.",
                reason="content-type-missing",
                target="Content-Type",
            )
        raise Refusal(
            RefusalKind.FORMAT_UNSUPPORTED,
            f"The body must be application/json, not '{declared}'.",
            reason="content-type-unsupported",
            target="Content-Type",
        )
    return await call.json()


class Body(Struct, frozen=True):
    """The members of a resource that a POST or PATCH sets; `binds` are navigation properties given by URL."""

    type: str
    writable: frozenset[str]
    required: tuple[str, ...] = ()
    binds: tuple[str, ...] = ()

    async def read(self, call: Call) -> dict[str, Any]:
        """Read and check the body; return the members that it sets."""
        body = await read_json(call)
        given = _members(schema_of(call.version), self.type, body)
        bound = {name: body[f"{name}@odata.bind"] for name in self.binds if f"{name}@odata.bind" in body}
        for name in given:
            if name not in self.writable and not (name == "id" and given[name] in call.parameters.values()):
                raise _refused(
                    f"Property '{name}' is read-only and cannot be set here.", "property-read-only", name
                )
        for name, url in bound.items():
            if not isinstance(url, str):
                raise _refused(f"{name}@odata.bind must be a URL.", "property-type", name)
        for name in self.required:
            if given.get(name) is None and name not in bound:
                raise _missing(name)
        return {name: value for name, value in given.items() if name in self.writable} | bound


class Parameters(Struct, frozen=True):
    """The parameters of an action, by name; those not given are absent."""

    action: str

    async def read(self, call: Call) -> dict[str, Any]:
        """Read and check the body; return the parameters that it gives."""
        schema = schema_of(call.version)
        types = {parameter.name: parameter for parameter in schema.operation(self.action).parameters[1:]}
        body = await read_json(call)
        given = {name: value for name, value in body.items() if "@" not in name}
        for name, value in given.items():
            if name not in types:
                raise _refused(f"The action '{self.action}' has no parameter '{name}'.", "property-unknown", name)
            check_value(schema, types[name], value, name)
        for name, described in types.items():
            if not described.nullable and given.get(name) is None:
                raise _missing(name)
            if isinstance(given.get(name), dict):
                _check_complete(schema, described.type, given[name], name)
        return given


class Reference(Struct, frozen=True):
    """The id that the `@odata.id` of a $ref body names (OData 4.01 Part 1 section 11.4.6.1)."""

    collection: str

    async def read(self, call: Call) -> str:
        """Return the id, whatever the spelling of the URL."""
        url = (await read_json(call)).get("@odata.id")
        if not isinstance(url, str):
            raise _missing("@odata.id")
        return bound_id(url, self.collection)


class BodyHandler(Struct, frozen=True):
    """A handler with a checked request body; the OpenAPI description reads `takes`."""

    takes: Body | Parameters | Reference
    handler: Callable[[Call, Any], Awaitable[web.Response]]

    async def __call__(self, call: Call) -> web.Response:
        return await self.handler(call, await self.takes.read(call))


def taking(
    takes: Body | Parameters | Reference,
) -> Callable[[Callable[[Call, Any], Awaitable[web.Response]]], BodyHandler]:
    """Make a function of a call and its body a handler."""
    return lambda handler: BodyHandler(takes, handler)


def _check_complete(schema: Schema, type_name: str, value: dict[str, Any], path: str) -> None:
    """Refuse a parameter that lacks a member which must not be null."""
    for name, declared in schema.properties(type_name).items():
        if not declared.nullable and value.get(name) is None:
            raise _missing(f"{path}/{name}")


def bound_id(url: str, collection: str) -> str:
    """Return the id at the end of a reference such as `https://any.host/v1.0/print/printers/{id}`."""
    path = url.partition("://")[2].partition("/")[2] if "://" in url else url
    segments = [segment for segment in path.replace("('", "/").replace("')", "").split("/") if segment]
    if len(segments) < 2 or segments[-2].lower() not in {collection.lower(), "directoryobjects"}:
        raise _refused(
            f"'{url}' is not a reference to one of '{collection}': write .../{collection}/{{id}}.",
            "reference-malformed",
            "@odata.id",
        )
    return segments[-1]


def check_value(schema: Schema, described: TypeReference, value: Any, path: str) -> None:
    """Refuse a value that is not of the type."""
    if described.collection:
        if value is None and described.nullable:
            return
        if not isinstance(value, list):
            raise _wrong_type(schema, described, value, path)
        element = TypeReference(described.type, nullable=False)
        for index, item in enumerate(value):
            check_value(schema, element, item, f"{path}/{index}")
    elif value is None:
        if not described.nullable:
            raise _refused(f"Property '{path}' must not be null.", "property-null", path)
    elif isinstance(enum := schema.type(described.type), EnumType):
        _check_member(schema, enum, described, value, path)
    elif enum is not None:
        if not isinstance(value, dict):
            raise _wrong_type(schema, described, value, path)
        _members(schema, described.type, value, path)
    elif not _PRIMITIVES[described.type](value):
        raise _wrong_type(schema, described, value, path)


def _members(schema: Schema, type_name: str, body: dict[str, Any], path: str = "") -> dict[str, Any]:
    """Return the structural members of a body, checked; misspelt samples are corrected in place."""
    declared = schema.properties(type_name)
    for spelling, name in SPELLINGS.items():
        if spelling in body and name in declared:
            body[name] = body.pop(spelling)
    given = {name: value for name, value in body.items() if "@" not in name}
    for name, value in given.items():
        inner = f"{path}/{name}" if path else name
        if name in declared:
            check_value(schema, declared[name], value, inner)
        elif not schema.is_open(type_name):
            raise _refused(
                f"The property '{name}' does not exist on type '{schema.qualified_name(type_name)}'. Make sure to "
                "only use property names that are defined by the type.",
                "property-unknown",
                inner,
            )
    return given


def _check_member(schema: Schema, enum: EnumType, described: TypeReference, value: Any, path: str) -> None:
    if not isinstance(value, str):
        raise _wrong_type(schema, described, value, path)
    if value not in enum.members or value == "unknownFutureValue":
        raise _refused(f"Invalid value specified for property '{path}': '{value}'.", "enum-unknown", path)


def _is_whole(value: Any, limit: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -limit <= value < limit


_PRIMITIVES: Mapping[str, Any] = {
    "Edm.String": lambda value: isinstance(value, str),
    "Edm.Boolean": lambda value: isinstance(value, bool),
    "Edm.Int32": lambda value: _is_whole(value, _INT32),
    "Edm.Int64": lambda value: _is_whole(value, _INT64),
    "Edm.Double": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "Edm.DateTimeOffset": lambda value: isinstance(value, str) and read_moment(value) is not None,
    "Edm.Date": lambda value: isinstance(value, str) and read_moment(value) is not None,
}


def _wrong_type(schema: Schema, described: TypeReference, value: Any, path: str) -> Refusal:
    name = schema.qualified_name(described.type)
    expected = f"Collection({name})" if described.collection else name
    shown = str(value)[:100]
    return _refused(
        f"Cannot convert the literal '{shown}' of '{path}' to the expected type '{expected}'.",
        "property-type",
        path,
    )


def _missing(name: str) -> Refusal:
    return _refused(f"Required property '{name}' is missing or null.", "property-missing", name)


def _refused(detail: str, reason: str, target: str) -> Refusal:
    return Refusal(RefusalKind.INVALID, detail, reason=reason, target=target)
