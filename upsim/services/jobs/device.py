"""Jobs as the printer's device sees them: list, fetch, acknowledge, report (PWG 5100.18)."""

from collections.abc import Callable, Collection, Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.attributes import Attributes
from upsim.domain.caller import Caller
from upsim.domain.events import Event
from upsim.domain.job import Job, JobState
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.user import User
from upsim.services import access, members, notifications, printers
from upsim.services.jobs import lifecycle, visibility
from upsim.services.ports import Transaction

_WHICH: dict[str, Callable[[Job], bool]] = {
    "completed": lambda job: job.state.is_terminal,
    "not-completed": lambda job: not job.state.is_terminal,
    "fetchable": lambda job: job.is_fetchable,
    "all": lambda _: True,
    "aborted": lambda job: job.state is JobState.ABORTED,
    "canceled": lambda job: job.state is JobState.CANCELED,
    "pending": lambda job: job.state is JobState.PENDING,
    "pending-held": lambda job: job.state is JobState.PENDING_HELD,
    "processing": lambda job: job.state is JobState.PROCESSING,
    "processing-stopped": lambda job: job.state is JobState.PROCESSING_STOPPED,
}
_TAG = {"fetchable": "fetchable", "completed": "ended", "aborted": "ended", "canceled": "ended"}
"""The index tag that holds all jobs of a kind, where there is one."""
ANY_FORMAT = "application/octet-stream"
DOCUMENT_STATES = frozenset({3, 5, 6, 7, 8, 9})
"""IPP document-state, PWG 5100.5 section 6.1: pending, processing, stopped, canceled, aborted, completed."""
WHICH_JOBS = tuple(_WHICH)
"""The values of which-jobs that upsim knows."""


def list_jobs(
    tx: Transaction,
    printer_id: str,
    *,
    which: str,
    owner: str | None = None,
    limit: int | None = None,
) -> list[Job]:
    """The printer's jobs of a kind (`which-jobs`), oldest first; `owner` keeps those of one user id."""
    query = Query(
        entity=Job, parent=printer_id, owner=owner, tag=_TAG.get(which), accepts=_wanted(which), limit=limit
    )
    return tx.find(query)


def list_for_device(
    tx: Transaction,
    printer: Printer,
    *,
    which: str,
    user: User | None = None,
    user_name: str = "",
    limit: int | None = None,
) -> list[Job]:
    """What a printer's device may know of the kind, oldest first.

    A name keeps that user's jobs. With the user there are also those that wait for them to come, here and on the
    pull-print printers that this one is a member of. Nobody else's held job is ever among them.
    """
    wanted = _wanted(which)
    name = (user.user_principal_name if user else user_name).lower()

    def accepts(job: Job) -> bool:
        is_theirs = name in {"", job.created_by.user_principal_name.lower()}
        return wanted(job) and is_theirs and not job.is_hidden and job.place == printer.id

    found = tx.find(Query(entity=Job, parent=printer.id, tag=_TAG.get(which), accepts=accepts, limit=limit))
    routed = members.routed_to(tx, printer.id, has_ended=_has_ended(which))
    found += [job for job in routed if accepts(job)]
    if user is not None:
        held = visibility.with_owner(tx, printer, user)
        found += [visibility.as_shown(job) for job in held if which == "fetchable" or wanted(job)]
    return sorted(found, key=lambda job: job.number)[:limit]


def _has_ended(which: str) -> bool | None:
    """Whether all jobs of the kind have ended, or none."""
    return None if which == "all" else _TAG.get(which) == "ended"


def fetch(tx: Transaction, caller: Caller, printer_id: str, job_id: int, user_name: str = "") -> Job:
    """The job as the device would print it; it must be fetchable. Nothing changes."""
    return visibility.as_shown(_offered(tx, caller, printer_id, job_id, user_name))


def acknowledge(tx: Transaction, caller: Caller, printer_id: str, job_id: int, user_name: str = "") -> Job:
    """The device takes the job: from now on it is the only one to report on it. Works once.

    A job that is held for release is released by this, here.
    """
    job = _offered(tx, caller, printer_id, job_id, user_name)
    return lifecycle.acknowledge(tx, job, caller.printer_id)


def decline(
    tx: Transaction, caller: Caller, printer_id: str, job_id: int, message: str, user_name: str = ""
) -> Job:
    """The device cannot take the job (fetch-status-code); it stays as it is, with what the device said."""
    job = replace(_offered(tx, caller, printer_id, job_id, user_name), state_message=message)
    tx.put(job)
    return job


def fetch_document(
    tx: Transaction,
    caller: Caller,
    printer_id: str,
    job_id: int,
    document_number: int,
    formats: Collection[str] = (),
    user_name: str = "",
) -> Job:
    """The job whose document the device is about to read. `formats` are those that it accepts; none means all.

    Universal Print lets a device read before it acknowledges, for a preview; after that, only the device that
    acknowledged may read.
    """
    job = _with_document(visibility.get_as_device(tx, caller, printer_id, job_id, user_name), document_number)
    is_taken = job.acknowledged_by == caller.printer_id and not job.state.is_terminal
    if not is_taken and not visibility.is_offered(job):
        raise visibility.not_fetchable(job)
    if formats and not {job.document.payload_format, ANY_FORMAT} & set(formats):
        raise Refusal(
            RefusalKind.NOT_FETCHABLE,
            f"The document is '{job.document.payload_format}', which is not among document-format-accepted.",
            reason="format-not-accepted",
        )
    if job.document.downloaded_at is None:
        job = replace(job, document=replace(job.document, downloaded_at=tx.now))
        tx.put(job)
    return job


def acknowledge_document(
    tx: Transaction, caller: Caller, printer_id: str, job_id: int, document_number: int
) -> Job:
    """The device has the document. It must have taken the job."""
    job = _taken(_with_document(visibility.get_as_device(tx, caller, printer_id, job_id), document_number), caller)
    job = replace(job, document=replace(job.document, acknowledged_at=tx.now))
    tx.put(job)
    return job


def update_document_status(
    tx: Transaction,
    caller: Caller,
    printer_id: str,
    job_id: int,
    document_number: int,
    *,
    state: int | None,
    reasons: Iterable[str] = (),
    reported: Attributes | None = None,
) -> Job:
    """What the device says of the document. The job itself moves by `update_status` only."""
    job = _taken(_with_document(visibility.get_as_device(tx, caller, printer_id, job_id), document_number), caller)
    if state is not None and state not in DOCUMENT_STATES:
        raise Refusal(
            RefusalKind.ATTRIBUTES_UNSUPPORTED,
            f"output-device-document-state {state} is not a document-state.",
            reason="document-state",
            attributes={"output-device-document-state": state},
        )
    document = job.document
    if state is not None:
        document = replace(document, device_state=state, device_reasons=tuple(reasons))
    job = replace(job, document=document, reported={**job.reported, **(reported or {})})
    tx.put(job)
    tx.emit(
        Event(
            name="document.state-changed",
            subject=job.id,
            facts={"printer": job.printer_id, "user": job.created_by.user_id, "state": job.state.keyword},
        )
    )
    notifications.job_event(tx, job, "document-state-changed", "job-progress")
    return job


class Comparison(Struct, frozen=True):
    """Update-Active-Jobs: states of jobs on which device and service differ, and ids that are not the device's."""

    different: dict[int, JobState]
    unknown: tuple[int, ...]


def compare(tx: Transaction, caller: Caller, printer_id: str, states: Mapping[int, int]) -> Comparison:
    """Hold the device's list of active jobs against the service's; nothing changes.

    A job that the device took and does not list is one that it forgot, so it is told of it.
    """
    active = _taken_by(tx, caller, printer_id)
    different = {job.number: job.state for job in active if states.get(job.number) != job.state}
    unknown: list[int] = []
    for number in states:
        job = tx.get(Job, str(number))
        if job is None or job.acknowledged_by != caller.printer_id:
            unknown.append(number)
        elif job.state != states[number]:
            different[number] = job.state
    return Comparison(different, tuple(unknown))


def deregister(tx: Transaction, caller: Caller, printer_id: str) -> Printer:
    """The device goes away: its attributes are forgotten, and the jobs that it took wait for another."""
    taken = _taken_by(tx, caller, printer_id)
    before = printers.get(tx, printer_id)
    for job in taken:
        lifecycle.give_back(tx, job)
    printer = replace(
        before, attributes={}, state=None, state_reasons=(), state_message="", is_accepting_jobs=None
    ).stamped(before, tx.now)
    tx.put(printer)
    tx.emit(Event(name="printer.deregistered", subject=printer.id))
    notifications.printer_event(tx, printer, "printer-shutdown", "printer-state-changed")
    return printer


def update_status(
    tx: Transaction,
    caller: Caller,
    printer_id: str,
    job_id: int,
    *,
    state: int | None,
    reasons: Iterable[str] = (),
    message: str | None = None,
    reported: Attributes | None = None,
) -> Job:
    """What the device reports of a job that it acknowledged.

    A repeated report of an ending is answered as the first one. Any other report on an ended job is refused.
    """
    job = visibility.get_as_device(tx, caller, printer_id, job_id)
    if job.state.is_terminal:
        return _report_after_end(job, state)
    job = replace(
        _taken(job, caller),
        state_message=job.state_message if message is None else message,
        reported={**job.reported, **(reported or {})},
    )
    reported_state = _new_state(state)
    if reported_state is None:
        tx.put(job)
        return job
    return lifecycle.report(tx, job, reported_state, reasons)


def _offered(tx: Transaction, caller: Caller, printer_id: str, job_id: int, user_name: str) -> Job:
    """A job that the device may fetch and take."""
    job = visibility.get_as_device(tx, caller, printer_id, job_id, user_name)
    if not visibility.is_offered(job):
        raise visibility.not_fetchable(job)
    return job


def _taken_by(tx: Transaction, caller: Caller, printer_id: str) -> list[Job]:
    """The jobs that the device took and that have not ended."""
    access.check_device(caller, printer_id)
    own = tx.find(Query(entity=Job, parent=printer_id, tag="waiting"))
    routed = members.routed_to(tx, printer_id, has_ended=False)
    return [job for job in (*own, *routed) if job.acknowledged_by == caller.printer_id]


def _taken(job: Job, caller: Caller) -> Job:
    """The job, if this device acknowledged it."""
    if job.acknowledged_by != caller.printer_id:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            f"Job {job.id} was not acknowledged by this printer; send Acknowledge-Job first.",
            reason="not-acknowledged",
        )
    return job


def _with_document(job: Job, document_number: int) -> Job:
    """The job, if it has a document of this number: Universal Print has one document a job."""
    if document_number != 1:
        raise Refusal(
            RefusalKind.INVALID,
            f"The job has one document; there is no number {document_number}.",
            reason="no-document",
        )
    return job


def _wanted(which: str) -> Callable[[Job], bool]:
    if which not in _WHICH:
        raise Refusal(
            RefusalKind.ATTRIBUTES_UNSUPPORTED,
            f"which-jobs does not know '{which}'; it knows {', '.join(WHICH_JOBS)}.",
            reason="which-jobs",
            attributes={"which-jobs": which},
        )
    return _WHICH[which]


def _new_state(state: int | None) -> JobState | None:
    """The state that a reported output-device-job-state moves the job to; pending says nothing new."""
    if state is None or state in {JobState.PENDING, JobState.PENDING_HELD}:
        return None
    if state not in set(JobState):
        raise Refusal(
            RefusalKind.ATTRIBUTES_UNSUPPORTED,
            f"output-device-job-state {state} is not a job-state.",
            attributes={"output-device-job-state": state},
        )
    return JobState(state)


def _report_after_end(job: Job, state: int | None) -> Job:
    if state in {None, job.state}:
        return job
    raise Refusal(
        RefusalKind.NOT_POSSIBLE, f"Job {job.id} has ended: it is {job.state.keyword}.", reason="job-ended"
    )
