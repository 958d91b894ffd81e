"""The text of ``$filter`` and the tree it means: OData 4.01 Part 2 section 5.1.1 (Common Expression Syntax).

The grammar, loosest first; comparisons do not chain, because ``a eq b eq c`` is always a mistake::

    or          and ("or" and)*
    and         equality ("and" equality)*
    equality    relation [("eq" | "ne") relation]
    relation    unary [("gt" | "ge" | "lt" | "le") unary | "in" list]
    unary       "not" unary | "(" or ")" | literal | function "(" or, ... ")" | path
    path        name ("/" name)* ["/" ("any" | "all") "(" [variable ":" or] ")"]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import unquote

from msgspec import Struct

from .errors import BadQuery, bad_clause, syntax_error
from .limits import DEFAULT_LIMITS, Limits
from .literals import KEYWORDS, LITERAL, Scalar, format_literal, read_literal

# Part 2 sections 5.1.1.5 to 5.1.1.8: the functions known here, and how many arguments each takes.
FUNCTIONS = {
    "contains": 2,
    "startswith": 2,
    "endswith": 2,
    "tolower": 1,
    "toupper": 1,
    "trim": 1,
    "length": 1,
    "year": 1,
    "month": 1,
    "day": 1,
    "hour": 1,
    "minute": 1,
    "second": 1,
    "date": 1,
    "now": 0,
}


Path = tuple[str, ...]


class Literal(Struct, frozen=True):
    value: Scalar


class Property(Struct, frozen=True):
    """A path into the filtered item, or into a lambda ``variable``; an empty path is the variable itself."""

    path: Path
    variable: str | None = None


class Comparison(Struct, frozen=True):
    """``operator`` is one of eq, ne, gt, ge, lt, le."""

    operator: str
    left: Expression
    right: Expression


class Logical(Struct, frozen=True):
    """``and`` or ``or`` over two operands or more: a long chain is wide, not deep."""

    operator: str
    operands: tuple[Expression, ...]


class Not(Struct, frozen=True):
    operand: Expression


class In(Struct, frozen=True):
    operand: Expression
    items: tuple[Literal, ...]


class FunctionCall(Struct, frozen=True):
    name: str
    arguments: tuple[Expression, ...]


class Lambda(Struct, frozen=True):
    """``collection/any(variable:predicate)``; a bare ``any()`` has neither variable nor predicate."""

    operator: str
    collection: Property
    variable: str | None = None
    predicate: Expression | None = None


Expression = Literal | Property | Comparison | Logical | Not | In | FunctionCall | Lambda

_Node = TypeVar("_Node", bound=Expression)


def parse_filter(text: str, limits: Limits = DEFAULT_LIMITS) -> Expression:
    """Read a filter, already percent-decoded."""
    if len(text) > limits.filter_length:
        raise bad_clause("$filter", f"The filter is longer than {limits.filter_length} characters.")
    return _Parser(text, limits).parse()


_NOTIFICATION_QUERY = re.compile(r"\s*\??\s*\$filter\s*=(?P<filter>.*)", re.DOTALL | re.IGNORECASE)


def parse_notification_query(text: str, limits: Limits = DEFAULT_LIMITS) -> Expression:
    """Read a subscription's ``notificationQueryOptions``, such as ``$filter = isFetchable eq true``."""
    match = _NOTIFICATION_QUERY.fullmatch(unquote(text))
    if match is None:
        raise BadQuery("The notification query options must be a $filter expression.", option="$filter")
    return parse_filter(match["filter"].strip(), limits)


def format_filter(expression: Expression) -> str:
    """Return the text of an expression, with more parentheses than a person would write."""
    match expression:
        case Literal(value):
            return format_literal(value)
        case Property(path, variable):
            return "/".join(path if variable is None else (variable, *path))
        case Comparison(operator, left, right):
            return f"{_operand(left)} {operator} {_operand(right)}"
        case Logical(operator, operands):
            return f" {operator} ".join(_operand(operand) for operand in operands)
        case Not(operand):
            return f"not {_operand(operand)}"
        case In(operand, items):
            return f"{_operand(operand)} in ({','.join(format_filter(item) for item in items)})"
        case FunctionCall(name, arguments):
            return f"{name}({','.join(format_filter(argument) for argument in arguments)})"
        case Lambda(operator, collection, variable, predicate):
            body = "" if predicate is None else f"{variable}:{format_filter(predicate)}"
            return f"{format_filter(collection)}/{operator}({body})"


def walk(
    expression: Expression, variables: Mapping[str, Path] = MappingProxyType({})
) -> Iterator[tuple[Expression, Mapping[str, Path]]]:
    """Yield every part of an expression, each with the collections its lambda variables run over."""
    yield expression, variables
    match expression:
        case Comparison(_, left, right):
            yield from walk(left, variables)
            yield from walk(right, variables)
        case Logical(_, operands) | FunctionCall(_, operands):
            for operand in operands:
                yield from walk(operand, variables)
        case Not(operand) | In(operand, _):
            yield from walk(operand, variables)
        case Lambda(_, collection, variable, predicate):
            yield from walk(collection, variables)
            if predicate is not None and variable is not None:
                yield from walk(predicate, {**variables, variable: full_path(collection, variables)})
        case _:
            pass


def full_path(property_: Property, variables: Mapping[str, Path]) -> Path:
    """Return the path from the filtered item on.

    In ``tasks/any(t:t/id eq '1')`` the path of ``t/id`` is ``tasks/id``.
    """
    if property_.variable is None:
        return property_.path
    return (*variables.get(property_.variable, ()), *property_.path)


def property_paths(expression: Expression) -> Iterator[Path]:
    """Yield each path a filter reads, from the filtered item on."""
    for part, variables in walk(expression):
        if isinstance(part, Property):
            yield full_path(part, variables)


def _operand(expression: Expression) -> str:
    text = format_filter(expression)
    return f"({text})" if isinstance(expression, Comparison | Logical | Not | In) else text


class _Token(Struct, frozen=True):
    kind: str
    text: str
    position: int


_TOKEN = re.compile(rf"\s*(?:{LITERAL}|(?P<word>[^\W\d]\w*(?:\.[^\W\d]\w*)*)|(?P<mark>[(),/:])|(?P<end>\Z))")


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the tokens of a text, read as they are asked for; the last one is ``end``, again and again."""
    position = 0
    while True:
        match = _TOKEN.match(text, position)
        if match is None:
            raise _bad_character(text, position)
        kind = match.lastgroup or "end"
        yield _Token(kind, match[kind], match.start(kind))
        position = match.end()


def _bad_character(text: str, position: int) -> BadQuery:
    position += len(text[position:]) - len(text[position:].lstrip())
    if text[position] == "'":
        reason = f"There is an unterminated string literal at position {len(text)} in '{text}'."
    else:
        reason = f"Syntax error: character '{text[position]}' is not valid at position {position} in '{text}'."
    return bad_clause("$filter", reason)


class _Parser:
    """Recursive descent over the grammar above; depth and size are counted on the way."""

    def __init__(self, text: str, limits: Limits) -> None:
        self._text = text
        self._limits = limits
        self._tokens = _tokens(text)
        self._token = next(self._tokens)
        self._variables: list[str] = []
        self._depth = 0
        self._nodes = 0

    def parse(self) -> Expression:
        expression = self._or()
        if self._token.kind != "end":
            raise self._unexpected()
        return expression

    def _or(self) -> Expression:
        operands = [self._and()]
        while self._take_operator("or"):
            operands.append(self._and())
        return operands[0] if len(operands) == 1 else self._made(Logical("or", tuple(operands)))

    def _and(self) -> Expression:
        operands = [self._equality()]
        while self._take_operator("and"):
            operands.append(self._equality())
        return operands[0] if len(operands) == 1 else self._made(Logical("and", tuple(operands)))

    def _equality(self) -> Expression:
        left = self._relation()
        operator = self._take_operator("eq", "ne")
        return self._made(Comparison(operator, left, self._relation())) if operator else left

    def _relation(self) -> Expression:
        left = self._unary()
        if operator := self._take_operator("gt", "ge", "lt", "le"):
            return self._made(Comparison(operator, left, self._unary()))
        if self._take_operator("in"):
            return self._made(In(left, self._literals()))
        return left

    def _unary(self) -> Expression:
        self._descend()
        if self._take_operator("not"):
            expression: Expression = self._made(Not(self._unary()))
        elif self._take_mark("("):
            expression = self._or()
            self._expect_mark(")")
        elif self._token.kind == "word" and self._token.text.lower() not in KEYWORDS:
            expression = self._name()
        else:
            expression = self._literal()
        self._depth -= 1
        return expression

    def _literals(self) -> tuple[Literal, ...]:
        self._expect_mark("(")
        items: list[Literal] = []
        while not self._take_mark(")"):
            if items:
                self._expect_mark(",")
            items.append(self._literal())
        return tuple(items)

    def _literal(self) -> Literal:
        token = self._token
        if token.kind == "word" and token.text.lower() in KEYWORDS:
            value: Scalar = KEYWORDS[token.text.lower()]
        elif token.kind in ("word", "mark", "end"):
            raise self._unexpected()
        else:
            try:
                value = read_literal(token.kind, token.text)
            except ValueError:
                raise self._unexpected() from None
        self._advance()
        return self._made(Literal(value))

    def _name(self) -> Expression:
        first = self._word()
        if self._take_mark("("):
            return self._function(first)
        return self._path(first)

    def _function(self, written: str) -> FunctionCall:
        name = written.lower()
        if name not in FUNCTIONS:
            raise bad_clause("$filter", f"An unknown function with name '{written}' was found.")
        arguments: list[Expression] = []
        while not self._take_mark(")"):
            if arguments:
                self._expect_mark(",")
            arguments.append(self._or())
        if len(arguments) != FUNCTIONS[name]:
            signature = f"No function signature for the function with name '{written}'"
            raise bad_clause("$filter", f"{signature} matches the specified arguments.")
        return self._made(FunctionCall(name, tuple(arguments)))

    def _path(self, first: str) -> Expression:
        segments = [first]
        while self._take_mark("/"):
            segment = self._word()
            if segment.lower() in ("any", "all") and self._take_mark("("):
                return self._lambda(segment.lower(), self._property(segments))
            segments.append(segment)
        return self._property(segments)

    def _property(self, segments: list[str]) -> Property:
        if segments[0] in self._variables:
            return self._made(Property(tuple(segments[1:]), segments[0]))
        return self._made(Property(tuple(segments)))

    def _lambda(self, operator: str, collection: Property) -> Lambda:
        if operator == "any" and self._take_mark(")"):
            return self._made(Lambda(operator, collection))
        variable = self._word()
        self._expect_mark(":")
        self._variables.append(variable)
        predicate = self._or()
        self._variables.pop()
        self._expect_mark(")")
        return self._made(Lambda(operator, collection, variable, predicate))

    def _advance(self) -> None:
        self._token = next(self._tokens)

    def _word(self) -> str:
        word = self._token.text
        if self._token.kind != "word":
            raise self._unexpected()
        self._advance()
        return word

    def _take_operator(self, *operators: str) -> str | None:
        # OData 4.01 asks services to accept operators in any case.
        operator = self._token.text.lower()
        if self._token.kind != "word" or operator not in operators:
            return None
        self._advance()
        return operator

    def _take_mark(self, mark: str) -> bool:
        if self._token.kind != "mark" or self._token.text != mark:
            return False
        self._advance()
        return True

    def _expect_mark(self, mark: str) -> None:
        if not self._take_mark(mark):
            raise self._unexpected()

    def _unexpected(self) -> BadQuery:
        return syntax_error("$filter", self._token.position, self._text)

    def _descend(self) -> None:
        self._depth += 1
        if self._depth > self._limits.filter_depth:
            reason = f"The expression is nested deeper than {self._limits.filter_depth} levels."
            raise bad_clause("$filter", reason)

    def _made(self, node: _Node) -> _Node:
        self._nodes += 1
        if self._nodes > self._limits.filter_nodes:
            raise bad_clause("$filter", f"The expression has more than {self._limits.filter_nodes} parts.")
        return node
