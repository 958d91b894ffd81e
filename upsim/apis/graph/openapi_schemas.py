"""The types of the model, and the bodies of requests and answers, as OpenAPI 3.0 schemas."""

from upsim.apis.graph.bodies import Body, Parameters, Reference
from upsim.apis.graph.selection import Json
from upsim.wire.odata.schema import EnumType, Schema, TypeReference

_PRIMITIVES: dict[str, Json] = {
    "Edm.String": {"type": "string"},
    "Edm.Boolean": {"type": "boolean"},
    "Edm.Int32": {"type": "integer", "format": "int32", "minimum": -(2**31), "maximum": 2**31 - 1},
    "Edm.Int64": {"type": "integer", "format": "int64", "minimum": -(2**63), "maximum": 2**63 - 1},
    "Edm.Double": {"type": "number", "format": "double"},
    "Edm.Date": {"type": "string", "format": "date"},
    "Edm.DateTimeOffset": {"type": "string", "format": "date-time"},
}
_TEXT: Json = {"type": "string"}

ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "innerError"],
            "properties": {
                "code": _TEXT,
                "message": _TEXT,
                "target": _TEXT,
                "details": {
                    "type": "array",
                    "items": {"type": "object", "properties": {"code": _TEXT, "message": _TEXT, "target": _TEXT}},
                },
                "innerError": {
                    "type": "object",
                    "required": ["date", "request-id", "client-request-id"],
                    "properties": {"date": _TEXT, "request-id": _TEXT, "client-request-id": _TEXT},
                },
            },
        }
    },
}
BATCH: Json = {
    "type": "object",
    "required": ["requests"],
    "properties": {
        "requests": {
            "type": "array",
            "minItems": 1,
            "maxItems": 20,
            "items": {
                "type": "object",
                "required": ["id", "method", "url"],
                "properties": {
                    "id": {"type": "string", "minLength": 1},
                    "method": {"type": "string", "enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
                    "url": {"type": "string", "minLength": 1},
                    "headers": {"type": "object", "additionalProperties": _TEXT},
                    "body": {},
                    "dependsOn": {"type": "array", "items": _TEXT},
                },
            },
        }
    },
}
BATCHED: Json = {
    "type": "object",
    "required": ["responses"],
    "properties": {
        "responses": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id", "status", "headers"],
                "properties": {
                    "id": _TEXT,
                    "status": {"type": "integer"},
                    "headers": {"type": "object", "additionalProperties": _TEXT},
                    "body": {},
                },
            },
        }
    },
}
UPLOADED: Json = {
    "type": "object",
    "required": ["id", "documentName", "contentType", "size"],
    "properties": {"id": _TEXT, "documentName": _TEXT, "contentType": _TEXT, "size": {"type": "integer"}},
}


def component(version: str, name: str) -> Json:
    """Return a reference to a type of a version."""
    return {"$ref": f"#/components/schemas/{version}.{name}"}


def components(version: str, schema: Schema) -> Json:
    """Return every type of a version. Nothing is required of an answer, as `$select` may leave out any member."""
    described: Json = {}
    for name, declared in schema.types.items():
        if isinstance(declared, EnumType):
            described[f"{version}.{name}"] = {"type": "string", "enum": list(declared.members)}
        else:
            members = {**schema.properties(name), **schema.navigation(name)}
            described[f"{version}.{name}"] = {
                "type": "object",
                "properties": {member: value(version, each) for member, each in members.items()},
            }
    return described


def value(version: str, described: TypeReference) -> Json:
    """Return a value where it is used."""
    one = _PRIMITIVES.get(described.type) or component(version, described.type)
    if described.collection:
        one = {"type": "array", "items": one}
    if not described.nullable:
        return one
    return {"nullable": True, **one} if "type" in one else {"nullable": True, "allOf": [one]}


def page(version: str, described: TypeReference) -> Json:
    """Return a collection as it is answered (OData JSON 4.01 section 13)."""
    item = value(version, TypeReference(described.type, nullable=False))
    return {
        "type": "object",
        "required": ["value"],
        "properties": {
            "@odata.context": _TEXT,
            "@odata.count": {"type": "integer"},
            "@odata.nextLink": _TEXT,
            "value": {"type": "array", "items": item},
        },
    }


def single_value(version: str, described: TypeReference) -> Json:
    """Return the answer of a function that returns a primitive or an enum member (OData JSON 4.01 section 11)."""
    return {"type": "object", "properties": {"@odata.context": _TEXT, "value": value(version, described)}}


def references() -> Json:
    """Return a collection of references (OData JSON 4.01 section 14)."""
    item = {"type": "object", "required": ["@odata.id"], "properties": {"@odata.id": _TEXT}}
    return {"type": "object", "required": ["value"], "properties": {"value": {"type": "array", "items": item}}}


def body(version: str, schema: Schema, takes: Body | Parameters | Reference) -> Json:
    """Return the schema of a request body."""
    if isinstance(takes, Reference):
        return _object({"@odata.id": _TEXT}, ["@odata.id"])
    if isinstance(takes, Parameters):
        parameters = schema.operation(takes.action).parameters[1:]
        required = [each.name for each in parameters if not each.nullable]
        return _object({each.name: value(version, each) for each in parameters}, required)
    declared = schema.properties(takes.type)
    members = {name: value(version, declared[name]) for name in sorted(takes.writable) if name in declared}
    members |= {f"{name}@odata.bind": _TEXT for name in takes.binds}
    return _object(members, [f"{name}@odata.bind" if name in takes.binds else name for name in takes.required])


def _object(members: Json, required: list[str]) -> Json:
    described: Json = {"type": "object", "additionalProperties": False, "properties": members}
    return {**described, "required": required} if required else described
