"""Reading what somebody typed as a struct: every mistake, each with its place, and what it should have been.

Values are converted by msgspec, which stops at the first mistake and says it in terms of types; here the structs
are walked, so that a reader is told of all of them and of the name that comes nearest.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import fields

from upsim.server.spelling import Spelling, item_in, name_of, struct_in

Path = tuple[str | int, ...]

_PLACE = re.compile(r" - at `\$(?P<path>.*)`$")


class Mistake(NamedTuple):
    """Where something is wrong, and what: a sentence without its first name."""

    path: Path
    text: str


def shown(path: Path) -> str:
    """A path as people write it: `tenants[0].users[2].password`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


def mistakes(
    value: Any, kind: Any, spelling: Spelling, path: Path = (), *, is_part: bool = False
) -> Iterator[Mistake]:
    """What keeps a value from being of a kind: nothing where it is. Of a part no member is missing."""
    struct = struct_in(kind)
    if struct is not None and isinstance(value, Mapping):
        yield from _in_struct(value, struct, spelling, path, is_part=is_part)
        return
    item = item_in(kind)
    if item is not None and isinstance(value, list):
        for index, each in enumerate(value):
            yield from mistakes(each, item, spelling, (*path, index))
        return
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        yield Mistake(path, _said(error))


def nearest(name: str, known: Iterable[str]) -> str:
    """Which of the known names was meant, or which there are."""
    names = list(known)
    plain = {each.replace("_", "").lower(): each for each in names}
    close = get_close_matches(name.replace("_", "").lower(), plain, n=1)
    if close:
        return f"did you mean '{plain[close[0]]}'?"
    return f"there are {', '.join(names)}." if names else "there are none."


def _in_struct(
    value: Mapping[str, Any], struct: type[Struct], spelling: Spelling, path: Path, *, is_part: bool
) -> Iterator[Mistake]:
    known = {name_of(field, spelling): field for field in fields(struct)}
    for name in value:
        if name not in known:
            yield Mistake((*path, name), f"'{name}' is not known here; {nearest(name, known)}")
    for name, field in known.items():
        if name in value:
            yield from mistakes(value[name], field.type, spelling, (*path, name))
        elif field.required and not is_part:
            yield Mistake(path, f"'{name}' is missing.")


def _said(error: msgspec.ValidationError) -> str:
    text = str(error)
    place = _PLACE.search(text)
    inside = f" at {place['path'].lstrip('.')}" if place else ""
    return _PLACE.sub("", text).replace("`", "'") + inside + "."
