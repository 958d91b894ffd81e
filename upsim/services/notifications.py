"""Telling subscribers: notices are queued in the transaction of the change that they tell of (RFC 3995).

An occasion has several names, such as job-fetchable and job-state-changed. A subscription that asked for more
than one of them gets one notice, under the most telling name (RFC 3995 section 5.3.3.4).
"""

from msgspec.structs import replace

from upsim.domain.event_subscription import NOTICES_MAX, EventSubscription, Notice, Occasion, notice_id
from upsim.domain.job import Job
from upsim.domain.printer import Printer, PrinterState
from upsim.domain.query import Query
from upsim.services.ports import Transaction


def job_event(tx: Transaction, job: Job, *names: str) -> None:
    """Something happened to a job: told on its queue, and where it is printed if that is elsewhere."""
    for printer_id in {job.printer_id: None, job.place: None}:
        _tell(tx, _of_job(job, printer_id, names))


def made_with_job(tx: Transaction, subscription: EventSubscription, job: Job) -> None:
    """A subscription in the request that makes its job hears of the creation too (RFC 3995 section 5.3.3.4.3)."""
    _tell_one(tx, subscription, _of_job(job, job.printer_id, ("job-created",)))


def printer_event(tx: Transaction, printer: Printer, *names: str) -> None:
    """Something happened to a printer."""
    state = (printer.state or PrinterState.IDLE).name.lower()
    text = f"Printer {printer.display_name} is {state}."
    _tell(tx, Occasion(printer_id=printer.id, events=names, text=text))


def printer_described(tx: Transaction, before: Printer, after: Printer, touched: set[str]) -> None:
    """A device reported attributes: its state, its media, or anything else about it."""
    if (before.state, before.state_reasons) != (after.state, after.state_reasons):
        names: tuple[str, ...] = ("printer-stopped",) if after.state is PrinterState.STOPPED else ()
        names += ("printer-restarted",) if before.state is None else ()
        printer_event(tx, after, *names, "printer-state-changed")
    changed = {name for name in touched if before.attributes.get(name) != after.attributes.get(name)}
    changed = {name for name in changed if not name.startswith("printer-state")}
    if changed:
        media = ("printer-media-changed",) if any(name.startswith("media") for name in changed) else ()
        finishings = ("printer-finishings-changed",) if any("finishings" in name for name in changed) else ()
        printer_event(tx, after, *media, *finishings, "printer-config-changed")


def _of_job(job: Job, printer_id: str, names: tuple[str, ...]) -> Occasion:
    text = f"Job {job.id} is {job.state.keyword}."
    return Occasion(printer_id=printer_id, events=names, text=text, job=job)


def _tell(tx: Transaction, occasion: Occasion) -> None:
    for subscription in tx.find(Query(entity=EventSubscription, parent=occasion.printer_id)):
        if _is_over(tx, subscription) or not _concerns(subscription, occasion.job):
            continue
        _tell_one(tx, subscription, occasion)


def _tell_one(tx: Transaction, subscription: EventSubscription, occasion: Occasion) -> None:
    name = next((name for name in occasion.events if name in subscription.events), None)
    if name is not None:
        _queue(tx, subscription, occasion, name)


def _is_over(tx: Transaction, subscription: EventSubscription) -> bool:
    return subscription.expires_at is not None and subscription.expires_at <= tx.now


def _concerns(subscription: EventSubscription, job: Job | None) -> bool:
    if job is None:
        return subscription.job_number is None
    if job.is_hidden and subscription.owner == subscription.printer_id:
        return False  # its own device, to which nobody has come yet
    is_visible = subscription.sees_jobs_of in {None, job.created_by.user_id}
    return is_visible and subscription.job_number in {None, job.number}


def _queue(tx: Transaction, subscription: EventSubscription, occasion: Occasion, name: str) -> None:
    sequence = subscription.sequence + 1
    printer = tx.get(Printer, occasion.printer_id)
    job = occasion.job
    tx.put(replace(subscription, sequence=sequence))
    tx.put(
        Notice(
            id=notice_id(subscription.id, sequence),
            subscription_id=subscription.id,
            sequence=sequence,
            event=name,
            text=occasion.text,
            at=tx.now,
            job_number=job.number if job else None,
            job_state=int(job.state) if job else None,
            job_reasons=tuple(sorted(job.progress.reasons)) if job else (),
            printer_state=int(printer.state or PrinterState.IDLE) if printer else int(PrinterState.IDLE),
            printer_reasons=printer.state_reasons if printer else (),
            is_accepting_jobs=printer is not None and printer.is_accepting_jobs is not False,
        )
    )
    dropped = tx.get(Notice, notice_id(subscription.id, sequence - NOTICES_MAX))
    if dropped is not None:
        tx.delete(dropped)
