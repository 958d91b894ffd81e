"""IPP subscriptions and the notices that wait in them (RFC 3995 section 5, RFC 3996)."""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from upsim.domain.entity import Entity, Index
from upsim.domain.job import Job

NOTICES_MAX = 100
"""The most notices that wait in one subscription; older ones are dropped."""
SUBSCRIPTIONS_MAX = 100
"""Subscriptions on one printer."""
LEASE_SECONDS_DEFAULT = 86_400
LEASE_SECONDS_MAX = 67_108_863
"""The largest value of notify-lease-duration, RFC 3995 section 5.3.8."""
EVENTS = (
    "none",
    "job-created",
    "job-state-changed",
    "job-completed",
    "job-stopped",
    "job-config-changed",
    "job-progress",
    "job-fetchable",
    "document-state-changed",
    "document-config-changed",
    "document-fetchable",
    "printer-state-changed",
    "printer-stopped",
    "printer-restarted",
    "printer-shutdown",
    "printer-config-changed",
    "printer-media-changed",
    "printer-finishings-changed",
    "printer-queue-order-changed",
)
"""notify-events-supported."""


class EventSubscription(Entity, frozen=True, kw_only=True):
    """A subscription; `id` is a decimal number. Without `expires_at` it lasts for ever, or as long as its job."""

    kind: ClassVar[str] = "ipp-subscription"
    is_numbered: ClassVar[bool] = True

    printer_id: str
    owner: str
    """The user, application or printer that made it."""
    sees_jobs_of: str | None
    """The one user whose jobs it reports; None: all jobs."""
    events: tuple[str, ...]
    job_number: int | None = None
    user_data: str = ""
    """Octets as hexadecimal."""
    charset: str = "utf-8"
    language: str = "en-us"
    time_interval_seconds: int = 0
    lease_seconds: int = 0
    created_at: datetime
    expires_at: datetime | None = None
    sequence: int = 0
    """Number of the newest notice."""

    @property
    def number(self) -> int:
        """notify-subscription-id."""
        return int(self.id)

    def index(self) -> Index:
        return Index(parent=self.printer_id, owner=self.owner, at=self.created_at, due=self.expires_at)


class Notice(Entity, frozen=True, kw_only=True):
    """One event in one subscription, with the attributes as they were at that moment."""

    kind: ClassVar[str] = "ipp-notice"

    subscription_id: str
    sequence: int
    event: str
    text: str
    at: datetime
    job_number: int | None = None
    job_state: int | None = None
    job_reasons: tuple[str, ...] = ()
    printer_state: int | None = None
    printer_reasons: tuple[str, ...] = ()
    is_accepting_jobs: bool = True

    def index(self) -> Index:
        return Index(parent=self.subscription_id, at=self.at)


class Occasion(Struct, frozen=True, kw_only=True):
    """An event on a printer. `events` are its names, the most specific first."""

    printer_id: str
    events: tuple[str, ...]
    text: str
    job: Job | None = None


def notice_id(subscription_id: str, sequence: int) -> str:
    """Return the id of a subscription's notice."""
    return f"{subscription_id}/{sequence:010d}"
