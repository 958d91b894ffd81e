"""Many alike in a seed: `count` stands for as many of a thing, `{number}` in its names for 1, 2, 3 ..."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Protocol, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.refusals import Refusal, RefusalKind

COUNT_MAX = 20_000
Count = Annotated[int, msgspec.Meta(ge=1, le=COUNT_MAX)]

_NUMBER = re.compile(r"\{number(?::0(\d))?\}")


class Series(Protocol):
    """A struct of a seed that may stand for many."""

    @property
    def count(self) -> int: ...


S = TypeVar("S", bound=Series)


def each(item: S, name: str) -> Iterator[S]:
    """What `item` stands for; `name` is the field by which they are told apart."""
    if item.count == 1:
        yield item
        return
    for field in (name, "id"):
        text = getattr(item, field, None)
        if text is not None and _NUMBER.search(text) is None:
            raise Refusal(
                RefusalKind.INVALID,
                f"with a count, {field} must hold {{number}} or {{number:04}}: '{text}' would be there "
                f"{item.count} times.",
                named=text,
            )
    for number in range(1, item.count + 1):
        yield _numbered(item, number)


def _numbered(value: Any, number: int) -> Any:
    if isinstance(value, str):
        return _NUMBER.sub(lambda found: f"{number:0{found[1] or 1}}", value) if "{" in value else value
    if isinstance(value, Struct):
        members = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: new for name, old in members.items() if (new := _numbered(old, number)) is not old}
        return replace(value, **changed) if changed else value
    if isinstance(value, tuple):
        new = tuple(_numbered(item, number) for item in value)
        return value if new == value else new
    return value
