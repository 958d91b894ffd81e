"""What owners do with their jobs, and applications with those that they hold under a task."""

from collections.abc import Callable

from msgspec.structs import replace

from upsim.domain.attributes import KEYWORD, Attributes, AttributeValue, one, values
from upsim.domain.caller import Caller
from upsim.domain.document import Document
from upsim.domain.events import Event
from upsim.domain.job import JOB_HOLD_UNTIL_SPECIFIED, Job, JobState, Originator
from upsim.domain.pacing import of_job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.services import limits, notifications, printers, shares
from upsim.services.jobs import lifecycle, secure_release, visibility
from upsim.services.ports import Transaction

JOB_COUNTER = "job"
INDEFINITE = "indefinite"
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


def start(tx: Transaction, caller: Caller, job_id: str, *, printer_id: str = "", share_id: str = "") -> Job:
    """Queue an uploaded job for printing; its payload is ready at once, so a device may fetch it."""
    job = visibility.get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    if job.document.uploaded_at is None and not job.state.is_terminal:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            "The job's document is not uploaded. Create an upload session, send every byte, then start the job.",
            reason="upload-pending",
        )
    return lifecycle.start(tx, job)


def hold(tx: Transaction, job: Job, until: AttributeValue | None = None) -> Job:
    """Keep a job from the devices (Hold-Job). One whose document is still to come is held once it is started."""
    values = one(KEYWORD, INDEFINITE) if until is None else (until,)
    if values[0].value == lifecycle.NO_HOLD:
        return release(tx, job)
    job = replace(job, template={**job.template, lifecycle.HOLD_UNTIL: values})
    if job.is_incoming:
        tx.put(job)
        return job
    return lifecycle.hold(tx, job)


def release(tx: Transaction, job: Job) -> Job:
    """Let a held job go on (Release-Job); one that is not held yet will not be."""
    if job.is_incoming:
        job = lifecycle.without_hold(job)
        tx.put(job)
        return job
    return lifecycle.release(tx, job)


def follow_template(tx: Transaction, job: Job) -> Job:
    """Hold or release a job as its changed template says."""
    is_wanted = lifecycle.is_hold_wanted(job)
    if JOB_HOLD_UNTIL_SPECIFIED in job.progress.reasons and not is_wanted:
        return lifecycle.release(tx, job)
    if job.state is JobState.PENDING and not job.is_incoming and is_wanted:
        return lifecycle.hold(tx, job)
    return job


def cancel(tx: Transaction, caller: Caller, job_id: str, *, printer_id: str = "", share_id: str = "") -> Job:
    """Cancel a job that has not ended. A device that took it learns of it from the job's state."""
    job = visibility.get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    return lifecycle.cancel(tx, job)


def abort(
    tx: Transaction, caller: Caller, job_id: str, reason: str, *, printer_id: str = "", share_id: str = ""
) -> Job:
    """Abort a job that the calling application holds under a task."""
    job = visibility.get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    visibility.check_task(tx, caller, job)
    return lifecycle.abort(tx, job, state_message=reason)


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
    job = visibility.get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    visibility.check_task(tx, caller, job)
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
    job = visibility.get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    visibility.check_task(tx, caller, job)
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
        progress=lifecycle.CREATED,
        document=replace(job.document, id=tx.new_id()),
        template=template,
        redirected_from=job.id,
        pace=of_job(destination.pace, tx.tenant.settings.jobs.pace),
        reads=0,
        is_secured=secure_release.is_asked_for(tx, destination, None),
        released_at=None,
        released_to=None,
        started_at=None,
        upload_until=None,
    )
    tx.put(moved)
    lifecycle.redirect(tx, job, moved)
    return lifecycle.start(tx, lifecycle.receive(tx, moved))


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
        lifecycle.settle(tx, overdue)
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
        progress=lifecycle.CREATED,
        document=Document(id=tx.new_id()),
        template=template,
        pace=of_job(printer.pace, tx.tenant.settings.jobs.pace),
        is_secured=secure_release.is_asked_for(tx, printer, share),
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
