"""IPP subscriptions: make, look at, renew, cancel, and take what waits in them (RFC 3995, RFC 3996)."""

from collections.abc import Mapping
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.attributes import INTEGER, many
from upsim.domain.caller import Caller
from upsim.domain.event_subscription import (
    EVENTS,
    LEASE_SECONDS_DEFAULT,
    LEASE_SECONDS_MAX,
    SUBSCRIPTIONS_MAX,
    EventSubscription,
    Notice,
)
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.services.jobs import queue, visibility
from upsim.services.ports import Transaction
from upsim.services.targets import Target

PULL_METHOD = "ippget"
COUNTER = "ipp-subscription"
USER_DATA_OCTETS_MAX = 63
EVENTS_DEFAULT = ("job-completed",)


class SubscriptionTemplate(Struct, frozen=True, kw_only=True):
    """One subscription template group of a request (RFC 3995 section 5.3)."""

    pull_method: str = ""
    events: tuple[str, ...] = EVENTS_DEFAULT
    lease_seconds: int | None = None
    time_interval_seconds: int = 0
    user_data: str = ""
    charset: str = "utf-8"
    language: str = "en-us"


def create(
    tx: Transaction, caller: Caller, target: Target, template: SubscriptionTemplate, job_number: int | None = None
) -> EventSubscription | Refusal:
    """A new subscription on the printer or on one of its jobs.

    A refusal is returned, because a request may carry other groups that can be had (RFC 3995 section 11.1.1.2).
    """
    if job_number is not None:
        queue.get_job(tx, caller, target, job_number)
    if refusal := judge(template) or _no_room(tx, target):
        return refusal
    lease = _lease(template.lease_seconds) if job_number is None else 0
    subscription = EventSubscription(
        id=str(tx.next_number(COUNTER)),
        printer_id=target.printer.id,
        owner=_owner(caller),
        sees_jobs_of=None if visibility.sees_all_jobs(tx, caller, target.printer.id) else caller.user_id,
        events=tuple(dict.fromkeys(template.events)),
        job_number=job_number,
        user_data=template.user_data,
        charset=template.charset,
        language=template.language,
        time_interval_seconds=template.time_interval_seconds,
        lease_seconds=lease,
        created_at=tx.now,
        expires_at=tx.now + timedelta(seconds=lease) if lease else None,
    )
    tx.put(subscription)
    return subscription


def get(tx: Transaction, caller: Caller, target: Target, number: int) -> EventSubscription:
    """A subscription of the caller's own on this printer; for administrators any."""
    found = tx.get(EventSubscription, str(number))
    is_over = found is not None and found.expires_at is not None and found.expires_at <= tx.now
    if found is None or is_over or found.printer_id != target.printer.id:
        raise _absent(number)
    if found.owner != _owner(caller) and not caller.is_printer_administrator:
        raise Refusal(
            RefusalKind.FORBIDDEN, f"Subscription {number} is another's.", reason="subscription-of-another"
        )
    return found


def find(
    tx: Transaction, caller: Caller, target: Target, job_number: int | None, limit: int | None
) -> list[EventSubscription]:
    """The caller's subscriptions on the printer, or on one of its jobs, oldest first."""
    if job_number is not None:
        queue.get_job(tx, caller, target, job_number)
    return tx.find(
        Query(
            entity=EventSubscription,
            parent=target.printer.id,
            owner=None if caller.is_printer_administrator else _owner(caller),
            accepts=lambda item: (
                item.job_number == job_number and (item.expires_at is None or item.expires_at > tx.now)
            ),
            limit=limit,
        )
    )


def renew(tx: Transaction, caller: Caller, target: Target, number: int, lease_seconds: int | None) -> int:
    """A new lease from now on; returns its length. A job's subscription lasts as long as the job."""
    subscription = get(tx, caller, target, number)
    if subscription.job_number is not None:
        raise Refusal(RefusalKind.NOT_POSSIBLE, "A job's subscription has no lease.", reason="job-subscription")
    lease = _lease(lease_seconds)
    expires_at = tx.now + timedelta(seconds=lease) if lease else None
    tx.put(replace(subscription, lease_seconds=lease, expires_at=expires_at))
    return lease


def cancel(tx: Transaction, caller: Caller, target: Target, number: int) -> None:
    """End a subscription, with all that waits in it."""
    _forget(tx, get(tx, caller, target, number))


def waiting(
    tx: Transaction, caller: Caller, target: Target, wanted: Mapping[int, int]
) -> list[tuple[EventSubscription, Notice]]:
    """What waits in subscriptions: by subscription id the lowest sequence number that is wanted."""
    found: list[tuple[EventSubscription, Notice]] = []
    for number, lowest in wanted.items():
        subscription = get(tx, caller, target, number)
        notices = tx.find(Query(entity=Notice, parent=subscription.id))
        found += [(subscription, notice) for notice in notices if notice.sequence >= lowest]
    return found


def judge(template: SubscriptionTemplate) -> Refusal | None:
    """Why no printer would take such a subscription; None where it would."""
    if template.pull_method != PULL_METHOD:
        return Refusal(
            RefusalKind.ATTRIBUTES_UNSUPPORTED, f"notify-pull-method must be {PULL_METHOD}.", reason="pull-method"
        )
    if unknown := [name for name in template.events if name not in EVENTS]:
        return Refusal(
            RefusalKind.ATTRIBUTES_UNSUPPORTED,
            f"These events are not known: {', '.join(unknown)}.",
            reason="events",
        )
    if len(template.user_data) > 2 * USER_DATA_OCTETS_MAX:
        return Refusal(
            RefusalKind.TOO_LARGE,
            f"notify-user-data may have {USER_DATA_OCTETS_MAX} octets.",
            reason="ipp-value-too-long",
        )
    return None


def _no_room(tx: Transaction, target: Target) -> Refusal | None:
    for expired in tx.forget_expired(EventSubscription):
        _forget(tx, expired)
    if len(tx.find(Query(entity=EventSubscription, parent=target.printer.id))) >= SUBSCRIPTIONS_MAX:
        return Refusal(
            RefusalKind.TOO_LARGE,
            f"The printer has {SUBSCRIPTIONS_MAX} subscriptions, which is the limit; cancel one.",
            reason="too-many-subscriptions",
        )
    return None


def _lease(asked: int | None) -> int:
    """What is granted; 0 is for ever (RFC 3995 section 5.3.8)."""
    if asked is None:
        return LEASE_SECONDS_DEFAULT
    return min(max(asked, 0), LEASE_SECONDS_MAX)


def _owner(caller: Caller) -> str:
    return caller.user_id or caller.printer_id or caller.app_id


def _forget(tx: Transaction, subscription: EventSubscription) -> None:
    for notice in tx.find(Query(entity=Notice, parent=subscription.id)):
        tx.delete(notice)
    tx.delete(subscription)


def _absent(number: int) -> NotFound:
    absent = NotFound("subscription", str(number))
    absent.facts["attributes"] = {"notify-subscription-ids": many(INTEGER, [number])}
    return absent
