"""The types of a service and its ``$metadata`` page: OData CSDL XML 4.01.

Types are referred to by their short names (``printJob``) or by primitive names (``Edm.String``); lookups also
accept ``microsoft.graph.printJob``, ``graph.printJob`` and ``#microsoft.graph.printJob``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal
from xml.etree import ElementTree as ET

import msgspec
from msgspec import Struct

_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"


class TypeReference(Struct, frozen=True):
    """A type where it is used: one value or a collection of them."""

    type: str
    collection: bool = False
    nullable: bool = True


class PropertyType(TypeReference, frozen=True):
    """The type of a structural property."""


class NavigationType(TypeReference, frozen=True):
    """The target of a navigation property; a contained target lives only inside its parent."""

    contained: bool = False


class EnumType(Struct, frozen=True):
    """An enumeration; members keep their order and their numbers."""

    name: str
    members: Mapping[str, int]
    flags: bool = False


class ComplexType(Struct, frozen=True):
    """A structured value without identity."""

    name: str
    properties: Mapping[str, PropertyType] = msgspec.field(default_factory=dict)
    navigation: Mapping[str, NavigationType] = msgspec.field(default_factory=dict)
    base: str | None = None
    abstract: bool = False
    open: bool = False


class EntityType(ComplexType, frozen=True):
    """A structured value with a key; ``has_stream`` for one that is also a file."""

    key: tuple[str, ...] = ()
    has_stream: bool = False


StructuredType = ComplexType | EntityType


class Parameter(TypeReference, frozen=True):
    """A parameter; of a bound operation the first one is what it is bound to."""

    name: str = "bindingParameter"
    unicode: bool = True


class Operation(Struct, frozen=True):
    """An action, which may change something, or a function, which returns something."""

    kind: Literal["Action", "Function"]
    name: str
    parameters: tuple[Parameter, ...] = ()
    returns: TypeReference | None = None
    bound: bool = True


class EntitySet(Struct, frozen=True):
    """A collection at the root of the service; ``bindings`` lead from navigation paths to entity sets."""

    name: str
    type: str
    bindings: Mapping[str, str] = msgspec.field(default_factory=dict)


class Singleton(EntitySet, frozen=True):
    """A single entity at the root of the service."""


class Schema(Struct, frozen=True):
    """Named types, operations and the entity container of one namespace."""

    types: Mapping[str, EnumType | StructuredType]
    operations: tuple[Operation, ...] = ()
    container: tuple[EntitySet, ...] = ()
    namespace: str = "microsoft.graph"
    alias: str = "graph"
    container_name: str = "GraphService"

    def type(self, name: str) -> EnumType | StructuredType | None:
        """The type of that name, or none for primitive and unknown names."""
        return self.types.get(self.short_name(name))

    def short_name(self, name: str) -> str:
        name = name.removeprefix("#")
        for prefix in (self.namespace, self.alias):
            if name.startswith(f"{prefix}."):
                return name[len(prefix) + 1 :]
        return name

    def qualified_name(self, name: str) -> str:
        """``microsoft.graph.printJob``; primitive names stay as they are."""
        return name if name.startswith("Edm.") else f"{self.namespace}.{self.short_name(name)}"

    def lineage(self, name: str) -> Iterator[StructuredType]:
        """A structured type and the types it derives from, the nearest first."""
        found = self.type(name)
        while found is not None and not isinstance(found, EnumType):
            yield found
            found = self.type(found.base) if found.base else None

    def is_open(self, name: str) -> bool:
        """Whether values may have properties the type does not declare."""
        return any(ancestor.open for ancestor in self.lineage(name))

    def properties(self, name: str) -> Mapping[str, PropertyType]:
        """All structural properties of a type, inherited ones first."""
        inherited_first = reversed(list(self.lineage(name)))
        return MappingProxyType({key: value for each in inherited_first for key, value in each.properties.items()})

    def navigation(self, name: str) -> Mapping[str, NavigationType]:
        """All navigation properties of a type, inherited ones first."""
        inherited_first = reversed(list(self.lineage(name)))
        return MappingProxyType({key: value for each in inherited_first for key, value in each.navigation.items()})

    def member(self, type_name: str, name: str) -> PropertyType | NavigationType | None:
        """The declared property of either kind."""
        return self.properties(type_name).get(name) or self.navigation(type_name).get(name)


def to_csdl(schema: Schema) -> str:
    """The ``$metadata`` document of a schema, in the schema's own order."""
    return _Writer(schema).document()


class _Writer:
    """Elements in the order CSDL tools write them: enumerations and types, operations, the container."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def document(self) -> str:
        edmx = ET.Element("edmx:Edmx", {"xmlns": _EDM, "xmlns:edmx": _EDMX, "Version": "4.0"})
        services = ET.SubElement(edmx, "edmx:DataServices")
        names = {"Namespace": self._schema.namespace, "Alias": self._schema.alias}
        root = ET.SubElement(services, "Schema", names)
        for described in self._schema.types.values():
            if isinstance(described, EnumType):
                self._enum(root, described)
            else:
                self._structured(root, described)
        for operation in self._schema.operations:
            self._operation(root, operation)
        self._container(root)
        ET.indent(edmx)
        return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(edmx, encoding="unicode") + "\n"

    def _enum(self, root: ET.Element, described: EnumType) -> None:
        element = _add(root, "EnumType", Name=described.name, IsFlags=_flag(described.flags))
        for name, value in described.members.items():
            _add(element, "Member", Name=name, Value=str(value))

    def _structured(self, root: ET.Element, described: StructuredType) -> None:
        is_entity = isinstance(described, EntityType)
        element = _add(
            root,
            "EntityType" if is_entity else "ComplexType",
            Name=described.name,
            BaseType=self._alias(described.base) if described.base else None,
            Abstract=_flag(described.abstract),
            OpenType=_flag(described.open),
            HasStream=_flag(isinstance(described, EntityType) and described.has_stream),
        )
        if isinstance(described, EntityType) and described.key:
            key = _add(element, "Key")
            for name in described.key:
                _add(key, "PropertyRef", Name=name)
        for name, declared in described.properties.items():
            _add(element, "Property", Name=name, **self._typed(declared))
        for name, target in described.navigation.items():
            contained = _flag(target.contained)
            _add(element, "NavigationProperty", Name=name, **self._typed(target), ContainsTarget=contained)

    def _operation(self, root: ET.Element, operation: Operation) -> None:
        element = _add(root, operation.kind, Name=operation.name, IsBound=_flag(operation.bound))
        for parameter in operation.parameters:
            narrow = None if parameter.unicode else "false"
            _add(element, "Parameter", Name=parameter.name, **self._typed(parameter), Unicode=narrow)
        if operation.returns is not None:
            _add(element, "ReturnType", **self._typed(operation.returns))

    def _container(self, root: ET.Element) -> None:
        if not self._schema.container:
            return
        container = _add(root, "EntityContainer", Name=self._schema.container_name)
        for source in self._schema.container:
            qualified = self._schema.qualified_name(source.type)
            if isinstance(source, Singleton):
                element = _add(container, "Singleton", Name=source.name, Type=qualified)
            else:
                element = _add(container, "EntitySet", Name=source.name, EntityType=qualified)
            for path, target in source.bindings.items():
                _add(element, "NavigationPropertyBinding", Path=path, Target=target)

    def _typed(self, reference: TypeReference) -> dict[str, str | None]:
        name = self._alias(reference.type)
        return {
            "Type": f"Collection({name})" if reference.collection else name,
            "Nullable": None if reference.nullable else "false",
        }

    def _alias(self, name: str) -> str:
        return name if name.startswith("Edm.") else f"{self._schema.alias}.{self._schema.short_name(name)}"


def _add(parent: ET.Element, tag: str, **attributes: str | None) -> ET.Element:
    return ET.SubElement(parent, tag, {name: value for name, value in attributes.items() if value is not None})


def _flag(value: bool) -> str | None:
    return "true" if value else None
