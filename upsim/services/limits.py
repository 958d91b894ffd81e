"""The limits, counted. Every count is made in the unit that makes the change, so no two callers pass together.

Windows roll on the tenant's clock. A window of jobs is full when its n-th newest job is younger than the window:
one look-up, whatever the limit. A window of bytes is the difference of two running sums.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from msgspec import Struct

from upsim.domain.caller import Caller
from upsim.domain.connector import Connector
from upsim.domain.entity import Entity
from upsim.domain.job import Job
from upsim.domain.limits import BY_NAME, LIMITS, Limit, LimitName
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.traffic import Receipt, RequestMade
from upsim.services import members
from upsim.services.ports import Transaction

INCOMING = "incoming"
"""The index tag of jobs whose submission goes on."""
_JOB_WINDOWS = {
    LimitName.JOBS_PER_PRINTER: "parent",
    LimitName.JOBS_PER_USER: "owner",
    LimitName.JOBS_PER_USER_LONG: "owner",
}
_BYTE_WINDOWS = (LimitName.BYTES_PER_USER, LimitName.BYTES_PER_USER_LONG)
_RECEIPTS_KEPT = timedelta(seconds=BY_NAME[LimitName.BYTES_PER_USER_LONG].window_seconds or 0)


class Headroom(Struct, frozen=True, kw_only=True):
    """How a limit stands for one printer, one user or the tenant."""

    limit: Limit
    value: int
    used: int

    @property
    def left(self) -> int:
        return max(0, self.value - self.used)


def admit_job(tx: Transaction, caller: Caller, printer: Printer) -> None:
    """Refuse a new job of the caller where a limit on jobs or on submissions is met."""
    is_exempt = _is_exempt(tx, printer.id)
    for name, column in _JOB_WINDOWS.items():
        if not (is_exempt and column == "parent"):
            _check_job_window(tx, name, **{column: printer.id if column == "parent" else caller.user_id})
    if is_exempt:
        return
    _check_submissions(tx, LimitName.SUBMISSIONS_PER_USER, parent=printer.id, owner=caller.user_id)
    _check_submissions(tx, LimitName.SUBMISSIONS_PER_PRINTER, parent=printer.id)


def check_bytes(tx: Transaction, user_id: str, size_bytes: int) -> None:
    """Refuse bytes that would be more than the user may send now."""
    for name in _BYTE_WINDOWS:
        value = tx.tenant.settings.limits.value(name)
        if value is not None and _bytes_in_window(tx, name, user_id) + size_bytes > value:
            raise _throttled(name, value, _bytes_free_in(tx, name, user_id, value - size_bytes))


def spend_bytes(tx: Transaction, user_id: str, size_bytes: int) -> None:
    """Count bytes that a user sent, or refuse them."""
    check_bytes(tx, user_id, size_bytes)
    if not any(tx.tenant.settings.limits.value(name) is not None for name in _BYTE_WINDOWS):
        return
    tx.forget_expired(Receipt)
    newest = tx.first(Query(entity=Receipt, owner=user_id, is_newest_first=True, limit=1))
    tx.put(
        Receipt(
            id=f"{tx.next_number(Receipt.kind):012d}",  # in their order, also within one instant
            user_id=user_id,
            at=tx.now,
            size_bytes=size_bytes,
            bytes_before=newest.bytes_after if newest else 0,
            forgotten_at=tx.now + _RECEIPTS_KEPT,
        )
    )


def admit_request(tx: Transaction, app_id: str) -> None:
    """Count a Graph request of an application, or refuse it. Refused ones do not count (chosen)."""
    name = LimitName.GRAPH_REQUESTS
    value = tx.tenant.settings.limits.value(name)
    if value is None:
        return
    if value == 0:
        raise _throttled(name, value, _window(name))
    nth = tx.first(Query(entity=RequestMade, owner=app_id, is_newest_first=True, skip=value - 1, limit=1))
    if nth is not None and nth.at > tx.now - _window(name):
        raise _throttled(name, value, nth.at + _window(name) - tx.now)
    tx.forget_expired(RequestMade)
    tx.put(RequestMade(id=tx.new_id(), app_id=app_id, at=tx.now, forgotten_at=tx.now + _window(name)))


def admit_printer(tx: Transaction) -> None:
    """Refuse a registration where the tenant has all the printers that it may have."""
    _check_count(tx, LimitName.PRINTERS, Printer)


def admit_connector(tx: Transaction) -> None:
    """Refuse a connector where the tenant has all that it may have."""
    _check_count(tx, LimitName.CONNECTORS, Connector)


def headroom_of_printer(tx: Transaction, printer_id: str) -> list[Headroom]:
    """How the limits of one printer stand."""
    if _is_exempt(tx, printer_id):
        return []
    return _standing(
        tx,
        {
            LimitName.JOBS_PER_PRINTER: lambda name: _jobs_in_window(tx, name, parent=printer_id),
            LimitName.SUBMISSIONS_PER_PRINTER: lambda _: len(_submissions(tx, parent=printer_id)),
        },
    )


def headroom_of_user(tx: Transaction, user_id: str) -> list[Headroom]:
    """How the limits of one user stand; submissions are those on the printer where most go on."""

    def busiest(_: LimitName) -> int:
        on = [job.printer_id for job in _submissions(tx, owner=user_id)]
        return max(map(on.count, on), default=0)

    return _standing(
        tx,
        {
            LimitName.JOBS_PER_USER: lambda name: _jobs_in_window(tx, name, owner=user_id),
            LimitName.JOBS_PER_USER_LONG: lambda name: _jobs_in_window(tx, name, owner=user_id),
            LimitName.SUBMISSIONS_PER_USER: busiest,
            LimitName.BYTES_PER_USER: lambda name: _bytes_in_window(tx, name, user_id),
            LimitName.BYTES_PER_USER_LONG: lambda name: _bytes_in_window(tx, name, user_id),
        },
    )


def headroom_of_application(tx: Transaction, app_id: str) -> list[Headroom]:
    """How the limit on an application's requests stands, where there is one."""

    def made(name: LimitName) -> int:
        return len(tx.find(Query(entity=RequestMade, owner=app_id, after=tx.now - _window(name))))

    return _standing(tx, {LimitName.GRAPH_REQUESTS: made})


def headroom_of_tenant(tx: Transaction) -> list[Headroom]:
    """How the limits of the whole tenant stand."""
    return _standing(
        tx,
        {
            LimitName.PRINTERS: lambda _: len(tx.find(Query(entity=Printer))),
            LimitName.CONNECTORS: lambda _: len(tx.find(Query(entity=Connector))),
        },
    )


def _is_exempt(tx: Transaction, printer_id: str) -> bool:
    """Queues of pull-print printers take the jobs of a whole tenant, so they have no limits of their own."""
    return printer_id in tx.tenant.settings.limits.exempt_printers or members.is_pull_printer(tx, printer_id)


def _standing(tx: Transaction, used: dict[LimitName, Any]) -> list[Headroom]:
    values = {name: tx.tenant.settings.limits.value(name) for name in used}
    return [
        Headroom(limit=limit, value=value, used=used[limit.name](limit.name))
        for limit in LIMITS
        if (value := values.get(limit.name)) is not None
    ]


def _check_job_window(tx: Transaction, name: LimitName, **column: Any) -> None:
    value = tx.tenant.settings.limits.value(name)
    if value is None:
        return
    if value == 0:
        raise _throttled(name, value, _window(name))
    nth = tx.first(Query(entity=Job, **column, is_newest_first=True, skip=value - 1, limit=1))
    if nth is not None and nth.created_at > tx.now - _window(name):
        raise _throttled(name, value, nth.created_at + _window(name) - tx.now)


def _jobs_in_window(tx: Transaction, name: LimitName, **column: Any) -> int:
    return len(tx.find(Query(entity=Job, **column, after=tx.now - _window(name))))


def _check_submissions(tx: Transaction, name: LimitName, **columns: Any) -> None:
    value = tx.tenant.settings.limits.value(name)
    if value is None:
        return
    going_on = _submissions(tx, **columns, limit=value)
    if len(going_on) >= value:
        ends = [job.upload_until for job in going_on if job.upload_until is not None]
        # Nobody knows when the others will be done; the soonest that is sure is the end of the oldest.
        raise _throttled(name, value, min(min(ends, default=tx.now) - tx.now, _SOON))


_SOON = timedelta(seconds=30)
"""What a caller is told to wait for a submission to end, at most."""


def _submissions(tx: Transaction, *, limit: int | None = None, **columns: Any) -> list[Job]:
    """Jobs that wait for their document and still may have it."""
    return tx.find(
        Query(
            entity=Job,
            **columns,
            tag=INCOMING,
            accepts=lambda job: job.upload_until is None or job.upload_until > tx.now,
            limit=limit,
        )
    )


def _check_count(tx: Transaction, name: LimitName, entity: type[Entity]) -> None:
    value = tx.tenant.settings.limits.value(name)
    if value is None:
        return
    if value == 0 or tx.first(Query(entity=entity, skip=value - 1, limit=1)) is not None:
        limit = BY_NAME[name]
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            f"The tenant has all the {limit.what} that it may have: {value}.",
            reason=name.value,
        )


def _bytes_in_window(tx: Transaction, name: LimitName, user_id: str) -> int:
    newest = tx.first(Query(entity=Receipt, owner=user_id, is_newest_first=True, limit=1))
    oldest = tx.first(Query(entity=Receipt, owner=user_id, after=tx.now - _window(name), limit=1))
    return newest.bytes_after - oldest.bytes_before if newest and oldest else 0


def _bytes_free_in(tx: Transaction, name: LimitName, user_id: str, allowed: int) -> timedelta:
    """How long until no more than `allowed` bytes lie in the window; the whole window if that is never."""
    newest = tx.first(Query(entity=Receipt, owner=user_id, is_newest_first=True, limit=1))
    if newest is None or allowed < 0:
        return _window(name)
    enough = newest.bytes_after - allowed
    last = tx.first(
        Query(
            entity=Receipt,
            owner=user_id,
            after=tx.now - _window(name),
            accepts=lambda receipt: receipt.bytes_after >= enough,
            limit=1,
        )
    )
    return _window(name) if last is None else last.at + _window(name) - tx.now


def _window(name: LimitName) -> timedelta:
    return timedelta(seconds=BY_NAME[name].window_seconds or 0)


def _throttled(name: LimitName, value: int, wait: timedelta) -> Refusal:
    limit = BY_NAME[name]
    within = f" in {limit.window_seconds} seconds" if limit.window_seconds else " at a time"
    seconds = seconds_until(wait)
    return Refusal(
        RefusalKind.THROTTLED,
        f"The limit {name.value} is met: {value} {limit.what}{within}. Try again in {seconds} seconds.",
        reason=name.value,
        retry_after_seconds=seconds,
        limit=name.value,
    )


def seconds_until(wait: timedelta) -> int:
    """Whole seconds as Retry-After has them (RFC 9110 section 10.2.3): never too early, at least one."""
    return max(1, ceil(wait.total_seconds()))


def upload_deadline(tx: Transaction, *, is_ipp: bool) -> datetime:
    """Until when a job that is created now may have its document."""
    settings = tx.tenant.settings
    return tx.now + timedelta(seconds=settings.uploads.ipp_seconds if is_ipp else settings.uploads.session_seconds)
