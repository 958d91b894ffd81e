"""Jobs as their owners see them: create, start, look at, cancel."""

from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from upsim.domain.attributes import Attributes, values
from upsim.domain.caller import Caller
from upsim.domain.document import Document
from upsim.domain.events import Event
from upsim.domain.job import Job, Originator
from upsim.domain.job_lifecycle import CREATED, JobEvent
from upsim.domain.pacing import of_job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.services import (
    access,
    conversion,
    holds,
    limits,
    members,
    notifications,
    pacing,
    printers,
    progress,
    release,
    shares,
    tasks,
)
from upsim.services.ports import Transaction

JOB_COUNTER = "job"
GIVEN_UP_AT_ONCE = 8
"""Overdue submissions that a new job clears away, where nobody moves the clock (`upsim.services.due`)."""


def create_on_printer(
    tx: Transaction, caller: Caller, printer_id: str, template: Attributes, *, name: str = "", is_ipp: bool = False
) -> Job:
    """A new job on a printer itself, as administrators test them. By IPP there is less time for its document."""
    return _create(tx, caller, printers.get(tx, printer_id), None, template, name=name, is_ipp=is_ipp)


def create_on_share(
    tx: Transaction, caller: Caller, share_id: str, template: Attributes, *, name: str = "", is_ipp: bool = False
) -> Job:
    """A new job through a share that admits the caller."""
    share, printer = shares.get(tx, caller, share_id)
    return _create(tx, caller, printer, share, template, name=name, is_ipp=is_ipp)


def create_at(
    tx: Transaction, caller: Caller, template: Attributes, *, printer_id: str = "", share_id: str = ""
) -> Job:
    """A new job on the printer or the share that a path named."""
    _check_template(template)
    if share_id:
        return create_on_share(tx, caller, share_id, template)
    return create_on_printer(tx, caller, printer_id, template)


def list_at(
    tx: Transaction, caller: Caller, *, printer_id: str = "", share_id: str = "", limit: int | None = None
) -> list[Job]:
    """The jobs of the printer or the share that a path named, as far as the caller may see them.

    `limit`: no more than so many of the oldest are looked at, so that a page of very many costs what it shows.
    """
    if share_id:
        return list_for_share(tx, caller, share_id, limit=limit)
    return list_for_printer(tx, caller, printer_id, limit=limit)


def get(tx: Transaction, caller: Caller, job_id: str, *, printer_id: str = "", share_id: str = "") -> Job:
    """A job that the caller may see, under the printer or the share that the path named."""
    job = tx.get(Job, job_id)
    if share_id:
        printer_id = shares.get(tx, caller, share_id)[0].printer_id
    elif printer_id:
        printer_id = printers.get(tx, printer_id).id
    if job is None or (printer_id and printer_id not in {job.printer_id, job.place}):
        raise NotFound("printJob", job_id)
    access.check_job(tx, caller, job)
    return job


def list_for_printer(tx: Transaction, caller: Caller, printer_id: str, *, limit: int | None = None) -> list[Job]:
    """The jobs of a printer that the caller may see, oldest first; with those released there from elsewhere."""
    printer = printers.get(tx, printer_id)
    owner = None if access.sees_all_jobs(tx, caller, printer.id) else caller.user_id
    routed = [job for job in members.routed_to(tx, printer.id) if owner in {None, job.created_by.user_id}]
    if not routed:
        return tx.find(Query(entity=Job, parent=printer.id, owner=owner, limit=limit))
    return sorted([*tx.find(Query(entity=Job, parent=printer.id, owner=owner)), *routed], key=_age)[:limit]


def list_for_share(tx: Transaction, caller: Caller, share_id: str, *, limit: int | None = None) -> list[Job]:
    """The jobs of the share's printer that the caller may see, oldest first."""
    share, _ = shares.get(tx, caller, share_id)
    return list_for_printer(tx, caller, share.printer_id, limit=limit)


def _age(job: Job) -> tuple[datetime, int]:
    return job.created_at, job.number


def start(tx: Transaction, caller: Caller, job_id: str, *, printer_id: str = "", share_id: str = "") -> Job:
    """Queue an uploaded job for printing; its payload is ready at once, so a device may fetch it."""
    job = get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    if job.document.uploaded_at is None and not job.state.is_terminal:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            "The job's document is not uploaded. Create an upload session, send every byte, then start the job.",
            reason="upload-pending",
        )
    return _begin(tx, job)


def cancel(tx: Transaction, caller: Caller, job_id: str, *, printer_id: str = "", share_id: str = "") -> Job:
    """Cancel a job that has not ended. A device that took it learns of it from the job's state."""
    job = get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    return progress.move(tx, job, JobEvent.CANCEL)


def abort(
    tx: Transaction, caller: Caller, job_id: str, reason: str, *, printer_id: str = "", share_id: str = ""
) -> Job:
    """Abort a job that the calling application holds under a task."""
    job = get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    tasks.own_task(tx, caller, job)
    return progress.move(tx, job, JobEvent.ABORT, state_message=reason)


def configure(
    tx: Transaction,
    caller: Caller,
    job_id: str,
    change: Callable[[Attributes], Attributes],
    *,
    printer_id: str = "",
    share_id: str = "",
) -> Job:
    """Change the template of a job that the calling application holds under a task."""
    job = get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    tasks.own_task(tx, caller, job)
    job = replace(job, template=change(job.template))
    _check_template(job.template)
    tx.put(job)
    return job


def redirect(
    tx: Transaction,
    caller: Caller,
    job_id: str,
    destination_id: str,
    change: Callable[[Attributes], Attributes],
    *,
    printer_id: str = "",
    share_id: str = "",
) -> Job:
    """Have a job that the calling application holds printed elsewhere; returns the new job there.

    The task is done with that. The job itself ends as completed (chosen: its final state is not documented).
    """
    job = get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    tasks.own_task(tx, caller, job)
    destination = printers.get(tx, destination_id)
    _check_accepting(destination)
    _check_destination(job, destination)
    template = change(job.template)
    _check_template(template)
    moved = replace(
        job,
        id=str(tx.next_number(JOB_COUNTER)),
        printer_id=destination.id,
        share_id=None,
        created_at=tx.now,
        progress=CREATED,
        document=replace(job.document, id=tx.new_id()),
        template=template,
        redirected_from=job.id,
        pace=of_job(destination.pace, tx.tenant.settings.job_pace),
        reads=0,
        is_secured=release.is_asked_for(tx, destination, None),
        released_at=None,
        released_to=None,
        started_at=None,
        upload_until=None,
    )
    tx.put(moved)
    progress.move(tx, job, JobEvent.REDIRECT, redirected_to=moved.id)
    return _begin(tx, progress.move(tx, moved, JobEvent.RECEIVE))


def _begin(tx: Transaction, job: Job) -> Job:
    """Queue a job. A task, its owner or secure release may hold it; otherwise its payload is ready at once."""
    job = progress.move(tx, job, JobEvent.START, started_at=tx.now)
    return tasks.hold(tx, job) or holds.hold_as_asked(tx, job) or conversion.offer(tx, job)


def _check_destination(job: Job, destination: Printer) -> None:
    formats = [each.lower() for each in destination.document_formats]
    if destination.id == job.printer_id:
        raise Refusal(
            RefusalKind.INVALID,
            "The destination is the printer that the job is on; name another.",
            reason="destination-same",
            target="destinationPrinterId",
        )
    if formats and job.document.format.lower() not in formats:
        raise Refusal(
            RefusalKind.FORMAT_UNSUPPORTED,
            f"The destination does not print '{job.document.format}'.",
            reason="format-unsupported",
            target="destinationPrinterId",
        )


def _check_template(template: Attributes) -> None:
    """Refuse numbers that no job can have: IPP counts copies, pages and pages a sheet from 1."""
    for name in ("copies", "number-up", "printer-resolution"):
        for value in values(template, name):
            if (value[0] if isinstance(value, list) else value) < 1:
                raise Refusal(
                    RefusalKind.INVALID, f"{name} must be 1 or more.", reason="value-too-small", target=name
                )
    for start, end in values(template, "page-ranges"):
        if not 1 <= start <= end:
            raise Refusal(
                RefusalKind.INVALID,
                f"The page range {start}-{end} must count from 1 upwards.",
                reason="range-invalid",
                target="page-ranges",
            )


def _check_accepting(printer: Printer) -> None:
    if printer.is_accepting_jobs is False:
        raise Refusal(
            RefusalKind.NOT_ACCEPTING, f"Printer {printer.id} is not accepting jobs.", reason="not-accepting"
        )


def check_upload_time(tx: Transaction, job: Job) -> None:
    """Refuse a document that comes too late."""
    if job.upload_until is not None and job.upload_until <= tx.now:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            f"The job's document had to be there by {job.upload_until.isoformat()}; create another job.",
            reason="upload-late",
        )


def settle(tx: Transaction, job: Job) -> Job:
    """Do what is due: offer a converted job, move one that has a pace, abort one whose document did not come."""
    if job.is_transforming:
        return conversion.finish(tx, job)
    if not job.is_incoming:
        return pacing.move_on(tx, job)
    return progress.move(tx, job, JobEvent.ABORT, state_message="The document did not arrive in time.")


def _create(
    tx: Transaction,
    caller: Caller,
    printer: Printer,
    share: PrinterShare | None,
    template: Attributes,
    *,
    name: str,
    is_ipp: bool,
) -> Job:
    check_may_print(caller, printer)
    for overdue in tx.find(Query(entity=Job, due_by=tx.now, limit=GIVEN_UP_AT_ONCE)):
        settle(tx, overdue)
    limits.admit_job(tx, caller, printer)
    job = Job(
        id=str(tx.next_number(JOB_COUNTER)),
        name=name,
        printer_id=printer.id,
        share_id=share.id if share else None,
        created_by=Originator(
            user_id=caller.user_id,
            user_principal_name=caller.user_principal_name,
            display_name=caller.display_name,
        ),
        created_by_app_id=caller.app_id,
        created_at=tx.now,
        progress=CREATED,
        document=Document(id=tx.new_id()),
        template=template,
        pace=of_job(printer.pace, tx.tenant.settings.job_pace),
        is_secured=release.is_asked_for(tx, printer, share),
        upload_until=limits.upload_deadline(tx, is_ipp=is_ipp),
    )
    tx.put(job)
    tx.emit(Event(name="job.created", subject=job.id, facts={"printer": printer.id, "user": caller.user_id}))
    notifications.job_event(tx, job, "job-created")
    return job


def check_may_print(caller: Caller, printer: Printer) -> None:
    """Refuse who is no user, and a printer that takes no jobs."""
    if caller.kind != "user":
        raise Refusal(
            RefusalKind.FORBIDDEN, "Only a user can print; applications and devices cannot.", reason="user-needed"
        )
    _check_accepting(printer)


def with_document(job: Job, document_id: str) -> Job:
    """The job, if the document is its own."""
    if job.document.id != document_id.lower():
        raise NotFound("printDocument", document_id)
    return job
