"""A named point of a tenant's history that is retained however old it gets."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from upsim.domain.entity import Entity, Index

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Snapshot(Entity, frozen=True, kw_only=True):
    """A snapshot, stored under `SYSTEM`. It holds no state: the tenant's versioned rows do."""

    kind: ClassVar[str] = "snapshot"

    tenant_id: str
    name: str
    change: int
    """The tenant's state after this change is the snapshot's."""
    taken_at: datetime
    """The tenant's instant at the point, where it is known; else when the snapshot was made."""
    made_at: datetime
    """Real time."""

    def index(self) -> Index:
        """`at` is the change as microseconds: the order of snapshots, and the history that engines retain."""
        at = _EPOCH + timedelta(microseconds=self.change)
        return Index(parent=self.tenant_id, key=self.name.lower(), at=at)
