"""The type that a path leads to, by the model alone: `/print/shares/{share}/jobs` leads to printJobs.

OData 4.01 Part 2 section 4: each segment is a member of what the segments before it lead to, a key, or the name
of an operation bound to it.
"""

from upsim.wire.odata.schema import Schema, Singleton, TypeReference

FORM_SEGMENTS = {"$count", "$ref", "$value"}
"""Segments that choose the form of a resource (OData 4.01 Part 2 sections 4.5 to 4.8)."""


class NotDeclaredError(LookupError):
    """A path with a segment that the model does not declare."""

    def __init__(self, segment: str) -> None:
        super().__init__(f"the model does not declare '{segment}'")
        self.segment = segment


def type_at(schema: Schema, path: str) -> TypeReference | None:
    """Return the type that a path template leads to, or None for an action that returns nothing.

    Raises `NotDeclaredError` for a path that the model does not have.
    """
    first, *others = path.strip("/").split("/")
    found: TypeReference | None = _root(schema, first)
    for segment in others:
        if segment in FORM_SEGMENTS:
            break
        found = _follow(schema, found, segment)
    return found


def _root(schema: Schema, segment: str) -> TypeReference:
    for each in schema.container:
        if each.name == segment:
            return TypeReference(each.type, collection=not isinstance(each, Singleton))
    raise NotDeclaredError(segment)


def _follow(schema: Schema, parent: TypeReference | None, segment: str) -> TypeReference | None:
    if parent is None:
        raise NotDeclaredError(segment)
    if segment.startswith("{"):
        return TypeReference(parent.type)
    name = schema.short_name(segment.partition("(")[0])
    if member := schema.member(parent.type, name):
        return member
    for operation in schema.operations:
        if operation.name == name:
            return operation.returns
    raise NotDeclaredError(segment)
