"""The types of a service: OData CSDL 4.01. `upsim.wire.odata.csdl` writes them as the ``$metadata`` page.

Types are referred to by their short names (``printJob``) or by primitive names (``Edm.String``); lookups also
accept ``microsoft.graph.printJob``, ``graph.printJob`` and ``#microsoft.graph.printJob``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal

import msgspec
from msgspec import Struct


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
    """An enumeration; members have an order and numbers."""

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
        """Return the type of that name, or none for primitive and unknown names."""
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

    def operation(self, name: str) -> Operation:
        """Return the action or function of that name."""
        return next(each for each in self.operations if each.name == self.short_name(name))

    def lineage(self, name: str) -> Iterator[StructuredType]:
        """Yield a structured type and the types it derives from, the nearest first."""
        found = self.type(name)
        while found is not None and not isinstance(found, EnumType):
            yield found
            found = self.type(found.base) if found.base else None

    def is_open(self, name: str) -> bool:
        """Return whether values may have properties the type does not declare."""
        return any(ancestor.open for ancestor in self.lineage(name))

    def properties(self, name: str) -> Mapping[str, PropertyType]:
        """Return all structural properties of a type, inherited ones first."""
        inherited_first = reversed(list(self.lineage(name)))
        return MappingProxyType({key: value for each in inherited_first for key, value in each.properties.items()})

    def navigation(self, name: str) -> Mapping[str, NavigationType]:
        """Return all navigation properties of a type, inherited ones first."""
        inherited_first = reversed(list(self.lineage(name)))
        return MappingProxyType({key: value for each in inherited_first for key, value in each.navigation.items()})

    def member(self, type_name: str, name: str) -> PropertyType | NavigationType | None:
        """Return the declared property of either kind."""
        return self.properties(type_name).get(name) or self.navigation(type_name).get(name)
