"""The base of every stored value: an id, a kind, and the columns it can be found by."""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct


class Index(Struct, frozen=True):
    """The columns that an engine can query without reading bodies. None: not in that index."""

    parent: str | None = None
    """The entity it belongs to, such as a job's printer."""
    owner: str | None = None
    """The user or application it belongs to."""
    key: str | None = None
    """A second name, such as a user principal name in lower case or a job's share."""
    tag: str | None = None
    """A coarse state, such as `fetchable`."""
    at: datetime | None = None
    """When it came to be; lists are ordered by it."""
    due: datetime | None = None
    """When an action on it is due, on the tenant's clock."""


class Entity(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base of everything that is stored. Values are immutable: a change is `msgspec.structs.replace`."""

    kind: ClassVar[str]
    is_numbered: ClassVar[bool] = False
    """Whether ids are plain numbers: of one instant, 9 is listed before 10."""

    id: str

    def index(self) -> Index:
        return Index()
