"""Badges, which map cards to users. A private preview of Universal Print, known from its sample."""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from upsim.domain.entity import Entity, Index


class BadgeCollection(Entity, frozen=True, kw_only=True):
    """A tenant's badges; it has one collection. Creation and deletion take effect with a delay."""

    kind: ClassVar[str] = "badge-collection"

    created_at: datetime
    ready_at: datetime
    """When the operation that makes it succeeds."""
    settled_at: datetime
    """When it accepts badges, which can be later."""
    gone_at: datetime | None = None
    """Its deletion was asked for; from this moment on there is none."""

    def index(self) -> Index:
        return Index(at=self.created_at)

    def exists(self, now: datetime) -> bool:
        """Return whether it is listed and bars another: from the request on, until it is gone."""
        return self.gone_at is None or now < self.gone_at

    def is_ready(self, now: datetime) -> bool:
        return self.gone_at is None and now >= self.ready_at

    def is_settled(self, now: datetime) -> bool:
        return self.gone_at is None and now >= self.settled_at


class BadgeOperation(Entity, frozen=True, kw_only=True):
    """The making of a collection, for clients that poll it."""

    kind: ClassVar[str] = "badge-operation"

    collection_id: str
    created_at: datetime
    ready_at: datetime


class Holder(Struct, frozen=True, kw_only=True):
    """The owner of a badge."""

    upn: str
    user_id: str | None = None


class Badge(Entity, frozen=True, kw_only=True):
    """A card; `badge_id` is what its reader reads, whatever characters that has."""

    kind: ClassVar[str] = "badge"

    collection_id: str
    badge_id: str
    holder: Holder
    created_at: datetime

    def index(self) -> Index:
        return Index(parent=self.collection_id, key=self.badge_id, at=self.created_at)


class CachedLookup(Entity, frozen=True, kw_only=True):
    """The cached result of a lookup, for `badge_cache_seconds` of the tenant; `id` is the badge's."""

    kind: ClassVar[str] = "badge-lookup"

    holder: Holder
    at: datetime


def entity_id(collection_id: str, badge_id: str) -> str:
    """Return the id under which a badge is stored."""
    return f"{collection_id}:{badge_id}"
