"""Change notifications of Microsoft Graph: subscriptions, pending notifications, and the log of attempts.

Universal Print notifies of two events: a task was created for a definition, a job of a printer became fetchable.
"""

from datetime import datetime
from typing import Any, ClassVar, Literal

from upsim.domain.entity import Entity, Index

CLIENT_STATE_MAX = 128
"""Characters of a clientState."""
ATTEMPTS_KEPT = 1000
"""The most attempts in a tenant's log; older ones are dropped."""

About = Literal["tasks", "jobs"]
Outcome = Literal["delivered", "refused", "timeout", "unreachable", "forbidden", "wrong-token"]
"""How an attempt ended; `forbidden`: the operator does not allow the host, so nothing was sent."""


class ChangeSubscription(Entity, frozen=True, kw_only=True):
    """One application's subscription to notifications by webhook."""

    kind: ClassVar[str] = "change-subscription"

    app_id: str
    creator_id: str
    about: About
    target_id: str
    """The task definition or the printer."""
    change_type: str
    resource: str
    query_options: str | None = None
    notification_url: str
    lifecycle_url: str | None = None
    client_state: str | None = None
    tls_version: str | None = None
    root: str
    """Scheme, host and version by which the application called Graph: links in notifications begin with it."""
    created_at: datetime
    expires_at: datetime

    def index(self) -> Index:
        return Index(parent=self.target_id, owner=self.app_id, at=self.created_at, due=self.expires_at)


class ChangeNotice(Entity, frozen=True, kw_only=True):
    """A pending notification of one event to one subscription."""

    kind: ClassVar[str] = "change-notice"

    subscription_id: str
    resource: str
    data: dict[str, Any]
    at: datetime

    def index(self) -> Index:
        return Index(parent=self.subscription_id, at=self.at)


class ChangeDelivery(Entity, frozen=True, kw_only=True):
    """A delivery to a subscription that is due at `due_at`. `id` is the subscription's.

    A server claims it, sends the pending notifications, and ends or postpones it; one exists while any is pending.
    """

    kind: ClassVar[str] = "change-delivery"

    failures: int = 0
    """Attempts that failed one after another."""
    due_at: datetime

    def index(self) -> Index:
        return Index(due=self.due_at)


class DeliveryAttempt(Entity, frozen=True, kw_only=True):
    """A line of the log: one call to a receiver. `id` is a number that counts up."""

    kind: ClassVar[str] = "delivery-attempt"

    at: datetime
    purpose: Literal["validation", "notification"]
    url: str
    subscription_id: str = ""
    failures: int = 0
    """The number of failed attempts before it."""
    resources: tuple[str, ...] = ()
    outcome: Outcome
    status: int | None = None
    detail: str = ""
    dropped: int = 0
    """Notifications given up after this attempt."""
    retry_at: datetime | None = None

    def index(self) -> Index:
        return Index(parent=self.subscription_id, at=self.at)
