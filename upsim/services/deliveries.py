"""Deliveries of change notifications: what to send, and what becomes of it when the receiver has answered or not.

What is sent stays stored until the receiver has taken it, so a server that dies in between sends it again.
"""

from datetime import datetime, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.change_subscription import (
    ATTEMPTS_KEPT,
    ChangeDelivery,
    ChangeNotice,
    ChangeSubscription,
    DeliveryAttempt,
    Outcome,
)
from upsim.domain.events import Event
from upsim.domain.query import Query
from upsim.services.ports import Transaction

COUNTER = "delivery-attempt"


class Answered(Struct, frozen=True, kw_only=True):
    """How one call to a receiver ended."""

    outcome: Outcome
    status: int | None = None
    detail: str = ""


class Batch(Struct, frozen=True, kw_only=True):
    """What to tell a subscription in one call."""

    delivery: ChangeDelivery
    subscription: ChangeSubscription
    notices: tuple[ChangeNotice, ...]


def next_batch(tx: Transaction, delivery: ChangeDelivery) -> Batch | None:
    """The oldest notices that wait, or None where nothing is left to tell or nobody to tell it to."""
    subscription = tx.get(ChangeSubscription, delivery.id)
    size = tx.tenant.settings.webhooks.batch_max
    notices = tx.find(Query(entity=ChangeNotice, parent=delivery.id, limit=size))
    if subscription is None or not notices or subscription.expires_at <= tx.now:
        return None
    return Batch(delivery=delivery, subscription=subscription, notices=tuple(notices))


def nothing_left(tx: Transaction, delivery: ChangeDelivery) -> None:
    """A delivery that was claimed in vain ends; notices of a subscription that is gone go with it."""
    if tx.get(ChangeSubscription, delivery.id) is None:
        for notice in tx.find(Query(entity=ChangeNotice, parent=delivery.id)):
            tx.delete(notice)
    _go_on(tx, delivery.id)


def answered(tx: Transaction, batch: Batch, answer: Answered) -> DeliveryAttempt:
    """Record an attempt: what was delivered is forgotten, what was not is tried again later or given up."""
    attempt = DeliveryAttempt(
        id=_next_id(tx),
        at=tx.now,
        purpose="notification",
        url=batch.subscription.notification_url,
        subscription_id=batch.subscription.id,
        failures=batch.delivery.failures,
        resources=tuple(notice.resource for notice in batch.notices),
        outcome=answer.outcome,
        status=answer.status,
        detail=answer.detail,
    )
    if answer.outcome == "delivered":
        for notice in batch.notices:
            tx.delete(notice)
        _go_on(tx, batch.delivery.id)
    else:
        attempt = _put_off(tx, batch, attempt)
    _log(tx, attempt)
    return attempt


def validated(tx: Transaction, url: str, answer: Answered) -> None:
    """Record the handshake of a subscription that is being made."""
    _log(
        tx,
        DeliveryAttempt(
            id=_next_id(tx),
            at=tx.now,
            purpose="validation",
            url=url,
            outcome=answer.outcome,
            status=answer.status,
            detail=answer.detail,
        ),
    )


def log_of(
    tx: Transaction,
    subscription_id: str | None = None,
    purpose: Literal["validation", "notification"] | None = None,
) -> list[DeliveryAttempt]:
    """The log, oldest first."""
    return tx.find(
        Query(
            entity=DeliveryAttempt,
            parent=subscription_id,
            accepts=None if purpose is None else lambda item: item.purpose == purpose,
        )
    )


def _put_off(tx: Transaction, batch: Batch, attempt: DeliveryAttempt) -> DeliveryAttempt:
    """Later again, each time after twice as long; what is older than the time for retries is given up."""
    settings = tx.tenant.settings
    oldest = tx.now - timedelta(seconds=settings.webhooks.retry_seconds)
    dropped = [notice for notice in batch.notices if notice.at <= oldest]
    for notice in dropped:
        tx.delete(notice)
        tx.emit(
            Event(
                name="notification.dropped",
                subject=batch.subscription.id,
                facts={"app": batch.subscription.app_id, "resource": notice.resource},
            )
        )
    waiting = tx.first(Query(entity=ChangeNotice, parent=batch.delivery.id, limit=1))
    if waiting is None or tx.get(ChangeSubscription, batch.delivery.id) is None:
        _go_on(tx, batch.delivery.id)
        return replace(attempt, dropped=len(dropped))
    retry_at = min(tx.now + _pause(tx, batch.delivery.failures), _last_try(tx, waiting))
    tx.put(ChangeDelivery(id=batch.delivery.id, failures=batch.delivery.failures + 1, due_at=retry_at))
    return replace(attempt, dropped=len(dropped), retry_at=retry_at)


def _pause(tx: Transaction, failures: int) -> timedelta:
    settings = tx.tenant.settings
    longest = settings.webhooks.backoff_seconds_max
    return timedelta(seconds=min(settings.webhooks.backoff_seconds * 2 ** min(failures, 30), longest))


def _last_try(tx: Transaction, notice: ChangeNotice) -> datetime:
    """The latest instant at which a notice is tried."""
    last = notice.at + timedelta(seconds=tx.tenant.settings.webhooks.retry_seconds)
    return max(last, tx.now + timedelta(seconds=1))


def _go_on(tx: Transaction, subscription_id: str) -> None:
    """End the delivery, or begin the next where more was queued meanwhile."""
    delivery = tx.get(ChangeDelivery, subscription_id)
    if delivery is None:
        return
    if tx.first(Query(entity=ChangeNotice, parent=subscription_id, limit=1)) is None:
        tx.delete(delivery)
    else:
        tx.put(ChangeDelivery(id=subscription_id, due_at=tx.now))


def _next_id(tx: Transaction) -> str:
    return f"{tx.next_number(COUNTER):010d}"


def _log(tx: Transaction, attempt: DeliveryAttempt) -> None:
    tx.put(attempt)
    old = tx.get(DeliveryAttempt, f"{int(attempt.id) - ATTEMPTS_KEPT:010d}")
    if old is not None:
        tx.delete(old)
