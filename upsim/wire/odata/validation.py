"""The check that the properties a request names exist and fit, made before any data is read.

OData 4.01 Part 1 section 11.2.1: a query option that the model contradicts is a client error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from uuid import UUID

from .errors import BadQuery, bad_clause, unknown_property
from .evaluate import PropertyCheck
from .filter import Comparison, Expression, In, Literal, Path, Property, full_path, walk
from .literals import EnumMember, Scalar
from .query import ExpandItem, OrderBy, QueryOptions
from .schema import EnumType, NavigationType, PropertyType, Schema


def check_query(options: QueryOptions, schema: Schema, type_name: str) -> None:
    """Refuse any option that names what ``type_name`` does not have, nested options included."""
    check_select(options.select, schema, type_name)
    check_expand(options.expand, schema, type_name)
    check_orderby(options.orderby, schema, type_name)
    if options.filter is not None:
        check_filter(options.filter, schema, type_name)


def check_select(select: Iterable[str], schema: Schema, type_name: str) -> None:
    for item in select:
        if item != "*":
            _resolve("$select", schema, type_name, tuple(item.split("/")))


def check_expand(expand: Iterable[ExpandItem], schema: Schema, type_name: str) -> None:
    for item in expand:
        if item.path != "*":
            target = _navigation(schema, type_name, tuple(item.path.split("/")))
            check_query(item.options, schema, target.type)


def check_orderby(orderby: Iterable[OrderBy], schema: Schema, type_name: str) -> None:
    for item in orderby:
        _resolve("$orderby", schema, type_name, tuple(item.path.split("/")))


def check_filter(expression: Expression, schema: Schema, type_name: str) -> None:
    """Refuse unknown properties, and comparisons of a property with a literal of another type."""
    for part, variables in walk(expression):
        if isinstance(part, Property):
            _resolve("$filter", schema, type_name, full_path(part, variables))
        for operator, compared, value in _comparisons(part):
            found = _resolve("$filter", schema, type_name, full_path(compared, variables))
            if isinstance(found, PropertyType) and not found.collection:
                _check_literal(schema, found.type, operator, value)


def property_check(schema: Schema, option: str = "$filter") -> PropertyCheck:
    """Return the check that ``compile_filter`` takes, for types of this schema."""
    return lambda type_name, path: _resolve(option, schema, type_name, path)


def _navigation(schema: Schema, type_name: str, path: Path) -> NavigationType:
    *owners, name = path
    for owner in owners:
        found = _resolve("$expand", schema, type_name, (owner,))
        type_name = owner if found is None else found.type
    target = _resolve("$expand", schema, type_name, (name,))
    if isinstance(target, NavigationType):
        return target
    raise bad_clause(
        "$expand",
        f"Property '{name}' on type '{schema.qualified_name(type_name)}' is not a navigation property "
        "or complex property. Only navigation properties can be expanded.",
    )


def _resolve(option: str, schema: Schema, type_name: str, path: Path) -> PropertyType | NavigationType | None:
    """Return the type that a path leads to; None where a type cast ends it or an open type does not declare it."""
    found: PropertyType | NavigationType | None = None
    for segment in path:
        if "." in segment and schema.type(segment) is not None:
            found, type_name = None, schema.short_name(segment)
            continue
        found = schema.member(type_name, segment)
        if found is None:
            if schema.is_open(type_name):
                return None
            raise unknown_property(option, segment, schema.qualified_name(type_name))
        type_name = found.type
    return found


def _comparisons(part: Expression) -> Iterable[tuple[str, Property, Scalar]]:
    match part:
        case Comparison(operator, Property() as compared, Literal(value)):
            yield operator, compared, value
        case Comparison(operator, Literal(value), Property() as compared):
            yield operator, compared, value
        case In(Property() as compared, items):
            for item in items:
                yield "eq", compared, item.value
        case _:
            pass


# The literals a property of each primitive type may be compared with; null may be compared with all.
_COMPARABLE: Mapping[str, tuple[type, ...]] = {
    "Edm.String": (str, UUID),
    "Edm.Guid": (str, UUID),
    "Edm.Boolean": (bool,),
    "Edm.DateTimeOffset": (date,),  # a date-time is a date too
    "Edm.Date": (date,),
    "Edm.Int16": (int, float),
    "Edm.Int32": (int, float),
    "Edm.Int64": (int, float),
    "Edm.Single": (int, float),
    "Edm.Double": (int, float),
    "Edm.Decimal": (int, float),
}

_OPERATOR_KINDS = {
    "eq": "Equal",
    "ne": "NotEqual",
    "gt": "GreaterThan",
    "ge": "GreaterThanOrEqual",
    "lt": "LessThan",
    "le": "LessThanOrEqual",
}


def _check_literal(schema: Schema, type_name: str, operator: str, value: Scalar) -> None:
    if value is None:
        return
    declared = schema.type(type_name)
    if isinstance(declared, EnumType):
        _check_member(schema, declared, operator, value)
        return
    comparable = _COMPARABLE.get(type_name)
    if comparable is None:
        return
    # To Python a truth value is a number; to OData it is not.
    if not isinstance(value, comparable) or (isinstance(value, bool) and bool not in comparable):
        raise _incompatible(type_name, _literal_type(value), operator)


def _check_member(schema: Schema, declared: EnumType, operator: str, value: Scalar) -> None:
    if isinstance(value, EnumMember) and schema.short_name(value.type_name) == declared.name:
        value = value.member
    if not isinstance(value, str):
        raise _incompatible(schema.qualified_name(declared.name), _literal_type(value), operator)
    if value not in declared.members:
        raise bad_clause("$filter", f"The string '{value}' is not a valid enumeration type constant.")


def _literal_type(value: Scalar) -> str:
    match value:
        case bool():
            return "Edm.Boolean"
        case int():
            return "Edm.Int32"
        case float():
            return "Edm.Double"
        case datetime():
            return "Edm.DateTimeOffset"
        case date():
            return "Edm.Date"
        case UUID():
            return "Edm.Guid"
        case EnumMember(type_name):
            return type_name
        case _:
            return "Edm.String"


def _incompatible(left: str, right: str, operator: str) -> BadQuery:
    return bad_clause(
        "$filter",
        "A binary operator with incompatible types was detected. "
        f"Found operand types '{left}' and '{right}' for operator kind '{_OPERATOR_KINDS[operator]}'.",
    )
