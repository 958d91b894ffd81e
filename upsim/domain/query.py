"""Queries that every engine can answer from its index columns."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from msgspec import Struct

from upsim.domain.entity import Entity

E = TypeVar("E", bound=Entity)


class Query(Struct, Generic[E], frozen=True, kw_only=True):
    """Entities of one kind whose index columns equal the given ones, in order of coming to be.

    `accepts` is applied after the columns; `skip` and `limit` count what it accepted. `due_after` and `due_by`
    ask for what is due in that time, soonest first.
    """

    entity: type[E]
    parent: str | None = None
    owner: str | None = None
    key: str | None = None
    tag: str | None = None
    after: datetime | None = None
    """Only those that came to be after this."""
    due_after: datetime | None = None
    due_by: datetime | None = None
    is_newest_first: bool = False
    accepts: Callable[[Any], bool] | None = None
    skip: int = 0
    limit: int | None = None
