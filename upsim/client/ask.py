"""One call of the control API, described but not sent: the same for blocking and asynchronous callers."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar
from urllib.parse import quote

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


def values(answer: Json) -> list[Json]:
    """The members of a collection."""
    return list(answer["value"])


def nothing(_: Any) -> None:
    """For answers without content."""
