"""Secure release: jobs wait until their owner is at a printer, and go on from there.

Three ways. The owner's phone reads the code on a printer (the control API stands for the phone), the owner says
Release-Job, or a device knows the owner by a badge and acknowledges the job in their name.
"""

from upsim.domain.attributes import values
from upsim.domain.caller import Caller
from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.user import User
from upsim.services import directory, members, printers
from upsim.services.jobs import lifecycle
from upsim.services.ports import Transaction

ACTIONS = "job-release-action-supported"
"""How a device lets owners release jobs (PWG 5100.11)."""
_OWNER = "owner-authorized"


def is_asked_for(tx: Transaction, printer: Printer, share: PrinterShare | None) -> bool:
    """Whether jobs that are sent this way must be released. It is decided once, when a job is created."""
    if share is not None and share.holds_for_release:
        return True
    return bool(printer.release_mechanisms) or members.is_pull_printer(tx, printer.id)


def release(tx: Transaction, user: User, job_id: str, printer_id: str | None = None) -> Job:
    """The owner releases a job at a printer: at its own, or at a member of its pull-print printer."""
    job = tx.get(Job, job_id)
    if job is None:
        raise NotFound("job", job_id)
    if job.created_by.user_id != user.id:
        raise of_another_user(job)
    if not job.is_held_for_release:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            f"Job {job.id} does not wait to be released: it is {job.progress}.",
            reason="not-held-for-release",
        )
    return lifecycle.secure_release(tx, job, _printer_for(tx, job, printer_id))


def release_as(tx: Transaction, caller: Caller, job: Job) -> Job:
    """Release-Job on a job that is held for release: its owner's alone, be the caller an administrator."""
    if caller.kind != "user" or caller.user_id != job.created_by.user_id:
        raise of_another_user(job)
    return lifecycle.secure_release(tx, job, _printer_for(tx, job, None))


def waiting_for(tx: Transaction, user: User, printer_id: str) -> list[Job]:
    """Jobs of a user that wait on a queue to be released, oldest first."""
    return tx.find(
        Query(
            entity=Job,
            parent=printer_id,
            owner=user.id,
            tag="waiting",
            accepts=lambda job: job.is_held_for_release,
        )
    )


def every_waiting(tx: Transaction, user: User) -> list[Job]:
    """Jobs of a user that wait to be released, wherever they are, oldest first."""
    return tx.find(Query(entity=Job, owner=user.id, tag="waiting", accepts=lambda job: job.is_held_for_release))


def knows_owners(printer: Printer) -> bool:
    """Whether the device said that it finds out who stands before it."""
    return any(str(action).startswith(_OWNER) for action in values(printer.attributes, ACTIONS))


def user_of(tx: Transaction, uri: str) -> User:
    """The user whom a requesting-user-uri names: `mailto:` and a user principal name of the tenant."""
    scheme, _, name = uri.partition(":")
    if scheme.lower() != "mailto" or not name:
        raise Refusal(
            RefusalKind.INVALID,
            f"requesting-user-uri must be mailto: and a user principal name, not '{uri}'.",
            reason="user-uri-invalid",
        )
    if (user := directory.user_called(tx, name)) is None:
        raise Refusal(
            RefusalKind.NOT_FOUND,
            f"requesting-user-uri names '{name}', who is no user of the tenant.",
            reason="user-unknown",
        )
    return user


def of_another_user(job: Job) -> Refusal:
    """What whoever does not own the job is told."""
    return Refusal(
        RefusalKind.FORBIDDEN, f"Job {job.id} can be released by its owner alone.", reason="job-of-another-user"
    )


def _printer_for(tx: Transaction, job: Job, printer_id: str | None) -> str:
    """Where a job may be released, by what was asked for."""
    if not members.is_pull_printer(tx, job.printer_id):
        if printer_id in {None, job.printer_id}:
            return job.printer_id
        raise _elsewhere(job)
    if printer_id is None:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            f"Job {job.id} is on a pull-print printer; it is released at one of its member printers.",
            reason="member-needed",
        )
    printer = printers.get(tx, printer_id)
    if not members.is_member(tx, printer.id, job.printer_id):
        raise _elsewhere(job)
    return printer.id


def _elsewhere(job: Job) -> Refusal:
    return Refusal(
        RefusalKind.NOT_POSSIBLE,
        f"Job {job.id} cannot be released at this printer: it was sent to {job.printer_id}.",
        reason="release-elsewhere",
    )
