"""Every setting of a tenant with its value, its default, its range and its meaning, read from the structs."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct

from upsim.domain.tenant import TenantSettings


class DescribedSetting(Struct, frozen=True, kw_only=True):
    """One setting. `path` leads to it: a group, then its name in Python."""

    path: tuple[str, ...]
    value: Any
    default: Any
    type: str
    minimum: float | None = None
    above: float | None = None
    """A minimum that is not in the range itself."""
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    meaning: str = ""


def describe(settings: TenantSettings) -> Iterator[DescribedSetting]:
    """All settings, group by group."""
    standard = TenantSettings()
    for group in settings.__struct_fields__:
        chosen, usual = getattr(settings, group), getattr(standard, group)
        hints = get_type_hints(type(chosen), include_extras=True)
        for name in chosen.__struct_fields__:
            yield _described((group, name), getattr(chosen, name), getattr(usual, name), hints[name])


def _described(path: tuple[str, ...], value: Any, default: Any, hint: Any) -> DescribedSetting:
    metas, kind = _unwrapped(hint)

    def limit(name: str) -> Any:
        return next((found for meta in metas if (found := getattr(meta, name)) is not None), None)

    return DescribedSetting(
        path=path,
        value=value,
        default=default,
        type=_type_name(kind),
        minimum=limit("ge"),
        above=limit("gt"),
        maximum=limit("le"),
        choices=tuple(get_args(kind)) if get_origin(kind) is Literal else (),
        meaning=limit("description") or "",
    )


def _unwrapped(hint: Any) -> tuple[list[Meta], Any]:
    """What is said about a type, from the outermost to the innermost, and the type itself without None."""
    if get_origin(hint) is Annotated:
        inner, *said = get_args(hint)
        metas, kind = _unwrapped(inner)
        return [*said, *metas], kind
    options = [each for each in get_args(hint) if each is not type(None)]
    if len(options) == 1 and type(None) in get_args(hint):
        return _unwrapped(options[0])
    return [], hint


def _type_name(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "string"
    origin = get_origin(kind) or kind
    if isinstance(origin, type) and issubclass(origin, Struct | dict):
        return "object"
    return {int: "integer", float: "number", bool: "boolean", str: "string", tuple: "array"}[origin]
