"""What lies at a path, by the model alone: `/print/shares/{share}/jobs` leads to printJobs.

OData 4.01 Part 2 section 4: each segment is a member of what the segments before it lead to, a key, or the name
of an operation bound to it.
"""

from upsim.wire.odata.schema import Schema, Singleton, TypeReference

KEPT = {"$count", "$ref", "$value"}
"""Segments that say in what form a thing is wanted (OData 4.01 Part 2 sections 4.5 to 4.8)."""


def type_at(schema: Schema, path: str) -> TypeReference | None:
    """The type of what a path template leads to; None: nothing, or something that the model does not have."""
    found: TypeReference | None = None
    for segment in path.strip("/").split("/"):
        if segment in KEPT:
            break
        name = schema.short_name(segment.partition("(")[0])
        if segment.startswith("{"):
            found = found and TypeReference(found.type)
        elif found is None:
            found = _root(schema, name)
        else:
            found = schema.member(found.type, name) or _returned(schema, name)
    return found


def _root(schema: Schema, name: str) -> TypeReference | None:
    for each in schema.container:
        if each.name == name:
            return TypeReference(each.type, collection=not isinstance(each, Singleton))
    return None


def _returned(schema: Schema, name: str) -> TypeReference | None:
    return next((each.returns for each in schema.operations if each.name == name), None)
