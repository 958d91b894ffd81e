"""Which jobs a printer's device reaches: its own, those released there, and its user's that wait.

A job that needs its owner is as good as absent while nobody is named (`requesting-user-uri`), and refused to
whoever is named instead. Of a pull-print printer's jobs, members reach those that wait, and each those released
at it.
"""

from msgspec.structs import replace

from upsim.domain.caller import Caller
from upsim.domain.job import JOB_FETCHABLE_BY_USER, Job, Progress
from upsim.domain.printer import Printer
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.user import User
from upsim.services import access, members, printers, release
from upsim.services.ports import Transaction


def reach(tx: Transaction, caller: Caller, printer_id: str, job_id: int, user_name: str = "") -> Job:
    """A job that the device may know of, while the user of this name stands before it."""
    access.check_device(caller, printer_id)
    job = tx.get(Job, str(job_id))
    if job is None:
        raise NotFound("job", str(job_id))
    if job.place == printer_id and not job.is_hidden:
        return job
    is_here = job.place == printer_id or members.is_member(tx, printer_id, job.printer_id)
    if not is_here or not user_name or not job.is_secured:
        raise NotFound("job", str(job_id))
    if user_name.lower() != job.created_by.user_principal_name.lower():
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"Job {job.id} can be released by its owner alone, who is not {user_name}.",
            reason="job-of-another-user",
        )
    if job.place != printer_id and not job.is_hidden:
        raise not_fetchable(job)  # its owner released it at another member
    if job.printer_id == printer_id and not release.knows_owners(printers.get(tx, printer_id)):
        raise Refusal(
            RefusalKind.FORBIDDEN,
            "The device has not said that it knows owners: report job-release-action-supported with one of "
            "owner-authorized-badge and its like.",
            reason="release-action-missing",
        )
    return job


def with_owner(tx: Transaction, printer: Printer, user: User) -> list[Job]:
    """The jobs that wait for this user to come, as the device may know them while they are there."""
    queues = [each.id for each in members.pull_printers_of(tx, printer.id)]
    if release.knows_owners(printer):
        queues.append(printer.id)
    return [job for queue in queues for job in release.waiting_for(tx, user, queue)]


def is_offered(job: Job) -> bool:
    """Whether a device that reaches the job may fetch and take it."""
    return job.is_fetchable or job.is_held_for_release


def as_shown(job: Job) -> Job:
    """What the device sees of a job that is held for release: that it may be fetched for its user."""
    if not job.is_held_for_release:
        return job
    return replace(job, progress=Progress(job.state, job.progress.reasons | {JOB_FETCHABLE_BY_USER}))


def not_fetchable(job: Job) -> Refusal:
    """What a device is told of a job that it cannot fetch, or that another has."""
    return Refusal(
        RefusalKind.NOT_FETCHABLE,
        f"Job {job.id} cannot be fetched: it is {job.progress}.",
        reason="not-fetchable",
    )
