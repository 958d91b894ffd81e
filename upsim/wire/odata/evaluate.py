"""Evaluation of filters and sort orders over JSON values: OData 4.01 Part 2 sections 5.1.1 and 5.1.5.

An item is a mapping as Graph represents it: instants are ISO strings, enumeration members are strings, and an
absent property is null. So two strings that both spell a date-time are compared as the instants they are.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from msgspec import Struct

from .errors import bad_clause
from .filter import (
    Comparison,
    Expression,
    FunctionCall,
    In,
    Lambda,
    Literal,
    Logical,
    Not,
    Path,
    Property,
    property_paths,
)
from .literals import EnumMember, read_moment
from .query import OrderBy

Item = Mapping[str, Any]

# Called with a type name and a property path; raises BadQuery when the type has no such path.
PropertyCheck = Callable[[str, Path], object]


def compile_filter(
    expression: Expression,
    *,
    type_name: str,
    property_check: PropertyCheck | None = None,
    now: datetime | None = None,
) -> Callable[[Item], bool]:
    """Return a predicate over items; ``now`` is the answer of the filter's own ``now()``."""
    if property_check is not None:
        for path in property_paths(expression):
            property_check(type_name, path)
    evaluate = _compile(expression, now)
    return lambda item: evaluate({_ITEM: item}) is True


def sort_key(orderby: Sequence[OrderBy]) -> Callable[[Item], tuple[Any, ...]]:
    """Return a key for ``sorted``, which is stable: null comes before all else, or after it when descending."""
    columns = [(tuple(column.path.split("/")), column.descending) for column in orderby]

    def key(item: Item) -> tuple[Any, ...]:
        ranks = ((_rank(_walk(item, path)), descending) for path, descending in columns)
        return tuple(_Descending(rank) if descending else rank for rank, descending in ranks)

    return key


# Where a compiled expression finds values: lambda variables by name, the item itself under "".
_Scope = Mapping[str, Any]
_Evaluate = Callable[[_Scope], Any]
_ITEM = ""


def _compile(expression: Expression, now: datetime | None) -> _Evaluate:
    """Conditions evaluate to true, false or null (None): sections 5.1.1.1.7 to 5.1.1.1.9."""
    match expression:
        case Literal(value):
            return lambda _scope: value
        case Property(path, variable):
            return lambda scope: _walk(scope.get(variable or _ITEM), path)
        case Comparison(name, left, right):
            first, second = _compile(left, now), _compile(right, now)
            return lambda scope: _compare(name, first(scope), second(scope))
        case Logical(name, operands):
            return _compile_logical(name == "or", [_compile(operand, now) for operand in operands])
        case Not(operand):
            inner = _compile(operand, now)
            return lambda scope: _NEGATION.get(inner(scope))
        case In(operand, items):
            inner = _compile(operand, now)
            values = [item.value for item in items]
            return lambda scope: any(_compare("eq", inner(scope), value) for value in values)
        case FunctionCall(name, arguments):
            return _compile_function(name, [_compile(argument, now) for argument in arguments], now)
        case Lambda():
            return _compile_lambda(expression, now)


_NEGATION = {True: False, False: True}


def _compile_logical(decisive: bool, operands: Sequence[_Evaluate]) -> _Evaluate:
    """``or`` is decided by one true, ``and`` by one false; short of that, a null leaves it open."""

    def evaluate(scope: _Scope) -> bool | None:
        undecided = False
        for operand in operands:
            value: bool | None = operand(scope)
            if value is decisive:
                return decisive
            undecided = undecided or value is not (not decisive)
        return None if undecided else not decisive

    return evaluate


def _compile_lambda(expression: Lambda, now: datetime | None) -> _Evaluate:
    collection = _compile(expression.collection, now)
    if expression.predicate is None:
        return lambda scope: bool(_elements(collection(scope)))
    predicate = _compile(expression.predicate, now)
    variable = expression.variable or _ITEM
    decide = any if expression.operator == "any" else all
    return lambda scope: decide(
        predicate({**scope, variable: element}) is True for element in _elements(collection(scope))
    )


def _elements(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


_TEXT_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "contains": operator.contains,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "tolower": str.lower,
    "toupper": str.upper,
    "trim": str.strip,
}

_MOMENT_FUNCTIONS: Mapping[str, Callable[[datetime], Any]] = {
    "year": operator.attrgetter("year"),
    "month": operator.attrgetter("month"),
    "day": operator.attrgetter("day"),
    "hour": operator.attrgetter("hour"),
    "minute": operator.attrgetter("minute"),
    "second": operator.attrgetter("second"),
    "date": datetime.date,
}


def _compile_function(name: str, arguments: Sequence[_Evaluate], now: datetime | None) -> _Evaluate:
    """Return a function of null, or of a value it is not made for, is null."""
    if name == "now":
        if now is None:
            raise bad_clause("$filter", "The function 'now' is not supported here.")
        return lambda _scope: now
    if name in _TEXT_FUNCTIONS:
        on_text = _TEXT_FUNCTIONS[name]
        return lambda scope: _apply(on_text, [_text(argument(scope)) for argument in arguments])
    if name in _MOMENT_FUNCTIONS:
        on_moment = _MOMENT_FUNCTIONS[name]
        return lambda scope: _apply(on_moment, [_moment(argument(scope)) for argument in arguments])
    if name == "length":
        return lambda scope: _apply(len, [_measurable(argument(scope)) for argument in arguments])
    raise bad_clause("$filter", f"An unknown function with name '{name}' was found.")


def _apply(function: Callable[..., Any], values: Sequence[Any]) -> Any:
    return None if any(value is None for value in values) else function(*values)


def _walk(value: Any, path: Path) -> Any:
    for segment in path:
        if "." in segment:
            continue  # a type cast: the value stays what it is
        if not isinstance(value, Mapping):
            return None
        value = value.get(segment)
    return value


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}


def _compare(name: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        # Null equals only null, and is neither before nor after anything, itself included.
        return name in ("eq", "ne") and (left is right) == (name == "eq")
    if isinstance(left, UUID) or isinstance(right, UUID):
        left, right = (str(value).lower() for value in (left, right))
    if isinstance(left, str) and isinstance(right, str):
        return _COMPARISONS[name](*_both_instants_or_texts(left, right))
    (left_kind, left), (right_kind, right) = _rank(left), _rank(right)
    return _COMPARISONS[name](left, right) if left_kind == right_kind else name == "ne"


def _both_instants_or_texts(left: str, right: str) -> tuple[Any, Any]:
    moments = read_moment(left), read_moment(right)
    return moments if all(isinstance(moment, datetime) for moment in moments) else (left, right)


def _rank(value: Any) -> tuple[int, Any]:
    """Return the kind of a value and the value; kinds are ordered so that unlike values can still be sorted."""
    if value is None:
        return 0, 0
    if isinstance(value, bool):
        return 1, value
    if isinstance(value, int | float):
        return 2, value
    moment = _moment(value)
    if moment is not None:
        return 3, moment
    text = _text(value)
    return (5, 0) if text is None else (4, text)


def _text(value: Any) -> str | None:
    if isinstance(value, EnumMember):
        return value.member
    if isinstance(value, UUID):
        return str(value)
    return value if isinstance(value, str) else None


def _moment(value: Any) -> datetime | None:
    """Return an instant; a date alone is its midnight in UTC."""
    if isinstance(value, str):
        value = read_moment(value)
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else None


def _measurable(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else _text(value)


class _Descending(Struct, frozen=True):
    """A rank that sorts the other way round."""

    rank: tuple[int, Any]

    def __lt__(self, other: _Descending) -> bool:
        return other.rank < self.rank
