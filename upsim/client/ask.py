"""One call of the control API, described but not sent: the same for blocking and asynchronous callers."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

from msgspec import Struct

T = TypeVar("T")
Json = dict[str, Any]


class ControlError(Exception):
    """The control API refused a call; the message is its own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Ask(Struct, Generic[T], frozen=True):
    """A call whose answer `read` turns into a `T`."""

    method: str
    path: str
    read: Callable[[Any], T]
    body: Json | None = None


def tenant_path(tenant: str, rest: str = "") -> str:
    """The path of a tenant, named by id or domain."""
    return f"/_upsim/tenants/{quote(tenant, safe='')}{rest}"


def given(**members: Any) -> Json:
    """A body of the members that were given."""
    return {name: value for name, value in members.items() if value is not None}


def segment(name: str | int) -> str:
    """A name as one segment of a path."""
    return quote(str(name), safe="")


def asked(path: str, /, **members: Any) -> str:
    """The path with a query of the members that were given."""
    query = urlencode({name: _written(value) for name, value in given(**members).items()})
    return f"{path}?{query}" if query else path


def camel(members: Mapping[str, Any]) -> Json:
    """The members as the control API spells them; what they hold is left alone."""
    return {first + "".join(map(str.capitalize, rest)): value for (first, *rest), value in _split(members)}


def camel_throughout(value: Any) -> Any:
    """The same for all members within. Not for what has free-form names, such as headers or claims."""
    if isinstance(value, Mapping):
        return {name: camel_throughout(item) for name, item in camel(value).items()}
    return [camel_throughout(item) for item in value] if isinstance(value, list | tuple) else value


def _split(members: Mapping[str, Any]) -> list[tuple[list[str], Any]]:
    return [(name.split("_"), value) for name, value in members.items()]


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def values(answer: Json) -> list[Json]:
    """The members of a collection."""
    return list(answer["value"])


def nothing(_: Any) -> None:
    """For answers without content."""
