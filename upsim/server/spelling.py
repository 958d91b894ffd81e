"""How members are spelled: camelCase in all JSON that upsim itself defines, snake_case in Python, TOML and rows.

The structs are written in snake_case. What is read as one is respelled along its type, and what is shown along its
values, so that the keys of free-form tables (headers, claims) stay as they are.
"""

from collections.abc import Mapping
from enum import Enum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo, fields


class Spelling(Enum):
    """Where a name stands."""

    JSON = "json"
    TOML = "toml"


def camel(name: str) -> str:
    """`user_token_seconds` as `userTokenSeconds`."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)


def name_of(field: FieldInfo, spelling: Spelling) -> str:
    """The name of a struct's field where it is written so."""
    return camel(field.encode_name) if spelling is Spelling.JSON else field.encode_name


def respelled(value: Any, kind: Any, source: Spelling, target: Spelling) -> Any:
    """A document that is to be read as `kind`, with its members spelled in another way.

    Raises `msgspec.ValidationError` where a table has a member that its struct does not have.
    """
    struct = struct_in(kind)
    if struct is not None and isinstance(value, Mapping):
        known = {name_of(field, source): field for field in fields(struct)}
        if unknown := value.keys() - known.keys():
            raise msgspec.ValidationError(f"unknown: {', '.join(sorted(unknown))}")
        return {
            name_of(known[name], target): respelled(item, known[name].type, source, target)
            for name, item in value.items()
        }
    item_kind = item_in(kind)
    if item_kind is not None and isinstance(value, list | tuple):
        return [respelled(item, item_kind, source, target) for item in value]
    return value


def from_json(value: Any, kind: Any) -> Any:
    """A JSON document as `kind`; raises `msgspec.ValidationError`."""
    return msgspec.convert(respelled(value, kind, Spelling.JSON, Spelling.TOML), kind)


def to_json(value: Any, *, with_defaults: bool = False) -> Any:
    """A value with the members of its structs in camelCase.

    Defaults are left out where the struct says so, unless they are asked for.
    """
    if isinstance(value, Struct):
        omits = value.__struct_config__.omit_defaults and not with_defaults
        members = ((field, getattr(value, field.name)) for field in fields(value))
        return {
            name_of(field, Spelling.JSON): to_json(member, with_defaults=with_defaults)
            for field, member in members
            if not (omits and member == default_of(field))
        }
    if isinstance(value, list | tuple):
        return [to_json(item, with_defaults=with_defaults) for item in value]
    if isinstance(value, Mapping):
        return {
            msgspec.to_builtins(name): to_json(item, with_defaults=with_defaults) for name, item in value.items()
        }
    return msgspec.to_builtins(value)


def default_of(field: FieldInfo) -> Any:
    """What a field is where nothing is given; `msgspec.NODEFAULT` where something must be."""
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def struct_in(kind: Any) -> type[Struct] | None:
    """The struct that a table is read as, where the kind has one."""
    for each in _alternatives(kind):
        if isinstance(each, type) and issubclass(each, Struct):
            return each
    return None


def item_in(kind: Any) -> Any:
    """The kind of a list's elements, where they are structs."""
    for each in _alternatives(kind):
        arguments = get_args(each)
        if get_origin(each) in {tuple, list} and arguments and struct_in(arguments[0]) is not None:
            return arguments[0]
    return None


def _alternatives(kind: Any) -> tuple[Any, ...]:
    if get_origin(kind) is Annotated:
        return _alternatives(get_args(kind)[0])
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)
