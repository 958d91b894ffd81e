"""The ``$metadata`` page of a schema: OData CSDL XML 4.01."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from .schema import EntityType, EnumType, Operation, Schema, Singleton, StructuredType, TypeReference

_EDM = "http://docs.oasis-open.org/odata/ns/edm"
_EDMX = "http://docs.oasis-open.org/odata/ns/edmx"


def to_csdl(schema: Schema) -> str:
    """Return the ``$metadata`` document of a schema, in the schema's own order."""
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
