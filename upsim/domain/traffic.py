"""Counters for limits: bytes that users sent, requests that applications made.

Bytes: one row a receipt, with the sum before it, so that a window costs two reads.
"""

from datetime import datetime
from typing import ClassVar

from upsim.domain.entity import Entity, Index


class Receipt(Entity, frozen=True, kw_only=True):
    """Bytes that a user sent at one moment. `bytes_before` counts all that this user had sent until then."""

    kind: ClassVar[str] = "receipt"

    user_id: str
    at: datetime
    size_bytes: int
    bytes_before: int
    forgotten_at: datetime
    """When it leaves the window of every limit."""

    @property
    def bytes_after(self) -> int:
        return self.bytes_before + self.size_bytes

    def index(self) -> Index:
        return Index(owner=self.user_id, at=self.at, due=self.forgotten_at)


class RequestMade(Entity, frozen=True, kw_only=True):
    """A request that counted against an application's limit. Stored only while that limit is set."""

    kind: ClassVar[str] = "request-made"

    app_id: str
    at: datetime
    forgotten_at: datetime

    def index(self) -> Index:
        return Index(owner=self.app_id, at=self.at, due=self.forgotten_at)
