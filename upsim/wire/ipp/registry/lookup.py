"""Queries of the registry. Import this late: it brings a table of some four thousand names."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple, TypeAlias

from . import errata, generated
from .syntax import Syntax, parse

# The objects under which IANA files attributes, by the tag of the group they travel in (RFC 8010 section 3.5.1).
OBJECTS = {
    0x01: ("Operation",),
    0x02: ("Job Template", "Job Description", "Job Status"),
    0x04: ("Printer Description", "Printer Status"),
    0x06: ("Subscription Template", "Subscription Status"),
    0x07: ("Event Notifications",),
    0x08: ("Resource Description", "Resource Status"),
    0x09: ("Document Template", "Document Description", "Document Status"),
    0x0A: ("System Description", "System Status"),
}


class Registration(NamedTuple):
    """An attribute as registered, or the member of a collection, whose name is then a path."""

    name: str
    object: str
    syntax_text: str
    source: str
    status: str

    @property
    def syntax(self) -> Syntax:
        return parse(self.syntax_text)


_ByName: TypeAlias = dict[str, Registration]


def attribute(name: str, group: int) -> Registration | None:
    """Return the attribute of this name in a group with this tag; members by path, as media-col/media-size."""
    for by_name in _in_group(group):
        if name in by_name:
            return by_name[name]
    return _borrowed(name)


def members(name: str, group: int) -> dict[str, Registration]:
    """Return the members of a collection by their own names, those it borrows from another collection included."""
    tables = _in_group(group)
    lender = _lenders().get(name)
    found = _children(lender, (_anywhere(),)) if lender else {}
    return found | _children(name, tables)


def operation_name(code: int) -> str | None:
    """Return the name of the operation with this code: 0x000B is Get-Printer-Attributes."""
    return _coded((*generated.OPERATIONS, *errata.OPERATIONS)).get(code)


def status_keyword(code: int) -> str | None:
    """Return the keyword of the status with this code: 0x0406 is client-error-not-found."""
    return _coded(generated.STATUSES).get(code)


def enum_keyword(attribute: str, value: int) -> str | None:
    """Return the keyword of a number of an enum attribute: printer-state 3 is idle."""
    if attribute == "operations-supported":
        return operation_name(value)
    if attribute == "status-code":
        return status_keyword(value)
    for row in _enums().get(attribute, ()):
        if row.startswith("="):
            return enum_keyword(row[1:], value)
        number, keyword, _ = row.split(";")
        if int(number) == value:
            return keyword
    return None


def keywords(attribute: str) -> tuple[str, ...]:
    """Return the keywords registered for an attribute."""
    return tuple(dict.fromkeys(_keywords(attribute)))


def source_address(source: str) -> str | None:
    """Return the address of a source: `RFC8011`, `PWG5100.18`."""
    rows = (*generated.SOURCES, *errata.SOURCES)
    return next((row.partition(";")[2] for row in rows if row.startswith(f"{source};")), None)


def _in_group(group: int) -> tuple[_ByName, ...]:
    objects = _objects()
    return tuple([objects[name] for name in OBJECTS.get(group, objects)])


@cache
def _objects() -> dict[str, _ByName]:
    """Return every registration, by object and name. What is deprecated gives way to what is not."""
    objects: dict[str, _ByName] = {}
    for name, rows in (*generated.ATTRIBUTES, *errata.ATTRIBUTES):
        by_name = objects.setdefault(name, {})
        for row in rows:
            path, syntax, source, status = (*row.split(";"), "")[:4]
            if path not in by_name or (by_name[path].status and not status):
                by_name[path] = Registration(path, name, syntax, source, status)
    return objects


@cache
def _anywhere() -> _ByName:
    merged: _ByName = {}
    for by_name in _objects().values():
        merged = by_name | merged
    return merged


@cache
def _lenders() -> dict[str, str]:
    """Collections that have the members of another: media-col-default those of media-col."""
    borrowing = [path.split("/=") for path in _anywhere() if "/=" in path]
    return {name: lender for name, lender in borrowing if lender not in {name, "*"}}


def _borrowed(path: str) -> Registration | None:
    name, rest = path, ""
    while "/" in name:
        name, _, member = name.rpartition("/")
        rest = f"/{member}{rest}"
        if lender := _lenders().get(name):
            return _anywhere().get(lender + rest)
    return None


def _children(name: str, tables: tuple[_ByName, ...]) -> _ByName:
    found: _ByName = {}
    for path, registration in [row for by_name in tables for row in by_name.items()]:
        parent, _, member = path.rpartition("/")
        if parent == name and not member.startswith("="):
            found.setdefault(member, registration)
    return found


@cache
def _coded(rows: tuple[str, ...]) -> dict[int, str]:
    return {int(code, 16): name for code, name, _ in (row.split(";") for row in rows)}


@cache
def _enums() -> dict[str, tuple[str, ...]]:
    return dict((*generated.ENUMS, *errata.ENUMS))


def _keywords(attribute: str) -> Iterator[str]:
    for name, rows in (*generated.KEYWORDS, *errata.KEYWORDS):
        if name != attribute:
            continue
        for word in " ".join(row.partition(";")[2] for row in rows).split():
            if word.startswith("="):
                yield from _keywords(word[1:])
            else:
                yield word
