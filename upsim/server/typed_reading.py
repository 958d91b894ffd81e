"""Reading what somebody typed as a struct: every mistake, each with its place, and what it should have been.

Values are converted by msgspec, which stops at the first mistake and says it in terms of types; here the structs
are walked, so that a reader is told of all of them and of the name that comes nearest.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

import msgspec
from msgspec import Struct
from msgspec.structs import fields

Path = tuple[str | int, ...]

_PLACE = re.compile(r" - at `\$(?P<path>.*)`$")


class Mistake(NamedTuple):
    """Where something is wrong, and what: a sentence without its first name."""

    path: Path
    text: str


def shown(path: Path) -> str:
    """A path as people write it: `tenants[0].users[2].password`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def mistakes(value: Any, kind: Any, path: Path = ()) -> Iterator[Mistake]:
    """What keeps a value from being of a kind: nothing where it is."""
    struct = _struct_in(kind)
    if struct is not None and isinstance(value, Mapping):
        yield from _in_struct(value, struct, path)
        return
    item = _item_in(kind)
    if item is not None and isinstance(value, list):
        for index, each in enumerate(value):
            yield from mistakes(each, item, (*path, index))
        return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        yield Mistake(path, _said(error))


def _in_struct(value: Mapping[str, Any], struct: type[Struct], path: Path) -> Iterator[Mistake]:
    known = {field.encode_name: field for field in fields(struct)}
    for name in value:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"there are {', '.join(known)}."
            yield Mistake((*path, name), f"'{name}' is not known here; {hint}")
    for name, field in known.items():
        if name in value:
            yield from mistakes(value[name], field.type, (*path, name))
        elif field.required:
            yield Mistake(path, f"'{name}' is missing.")


def _said(error: msgspec.ValidationError) -> str:
    text = str(error)
    place = _PLACE.search(text)
    inside = f" at {place['path'].lstrip('.')}" if place else ""
    return _PLACE.sub("", text).replace("`", "'") + inside + "."


def _struct_in(kind: Any) -> type[Struct] | None:
    """The struct that a table is read as, where the kind has one."""
    for each in _alternatives(kind):
        if isinstance(each, type) and issubclass(each, Struct):
            return each
    return None


def _item_in(kind: Any) -> Any:
    """The kind of a list's elements, where they are structs."""
    for each in _alternatives(kind):
        arguments = get_args(each)
        if get_origin(each) in {tuple, list} and arguments and _struct_in(arguments[0]) is not None:
            return arguments[0]
    return None


def _alternatives(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) is Annotated:
        return _alternatives(get_args(kind)[0])
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)
