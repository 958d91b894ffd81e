"""Who sees which job: its owner, administrators, applications, and the printers' devices.

A user sees the jobs that they created, and everyone's as a Printer Administrator with a PrintJob.*.All permission.
An application sees all, and changes a job only under a task of its own.

A device sees the jobs of its printer, those released there, and those of the user who stands before it. A job that
needs its owner is as good as absent while nobody is named (`requesting-user-uri`), and refused to whoever is named
instead. Of a pull-print printer's jobs, members see those that wait, and each those released at it.
"""

from datetime import datetime

from msgspec.structs import replace

from upsim.domain.caller import Caller
from upsim.domain.job import JOB_FETCHABLE_BY_USER, Job, Progress
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.task import Task, TaskState
from upsim.domain.user import User
from upsim.services import access, members, printers, shares
from upsim.services.jobs import secure_release
from upsim.services.ports import Transaction

# Users


def sees_all_jobs(tx: Transaction, caller: Caller, printer_id: str) -> bool:
    """Whether the caller may see other people's jobs on a printer.

    That is a Printer Administrator with a PrintJob.*.All permission, or an application, whose permissions are
    all of that kind.
    """
    if caller.kind != "user":
        return True
    holds_all = any(scope.startswith("PrintJob.") and scope.endswith(".All") for scope in caller.scopes)
    return holds_all and access.administers(tx, caller, printer_id)


def check_job(tx: Transaction, caller: Caller, job: Job) -> None:
    """Refuse a user who did not create the job and may not see everyone's."""
    if caller.kind != "user" or job.created_by.user_id == caller.user_id:
        return
    if not sees_all_jobs(tx, caller, job.printer_id):
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"Job {job.id} belongs to another user; reading it takes the Printer Administrator role and a "
            "PrintJob.*.All permission.",
            reason="job-of-another-user",
        )


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
    check_job(tx, caller, job)
    return job


def list_for_printer(tx: Transaction, caller: Caller, printer_id: str, *, limit: int | None = None) -> list[Job]:
    """The jobs of a printer that the caller may see, oldest first; with those released there from elsewhere."""
    printer = printers.get(tx, printer_id)
    owner = None if sees_all_jobs(tx, caller, printer.id) else caller.user_id
    routed = [job for job in members.routed_to(tx, printer.id) if owner in {None, job.created_by.user_id}]
    if not routed:
        return tx.find(Query(entity=Job, parent=printer.id, owner=owner, limit=limit))
    return sorted([*tx.find(Query(entity=Job, parent=printer.id, owner=owner)), *routed], key=_age)[:limit]


def list_for_share(tx: Transaction, caller: Caller, share_id: str, *, limit: int | None = None) -> list[Job]:
    """The jobs of the share's printer that the caller may see, oldest first."""
    share, _ = shares.get(tx, caller, share_id)
    return list_for_printer(tx, caller, share.printer_id, limit=limit)


# Applications


def check_task(tx: Transaction, caller: Caller, job: Job) -> Task:
    """The task that lets the calling application change the job; refused where there is none."""
    for task in tx.find(Query(entity=Task, parent=job.id)):
        if task.state is TaskState.PROCESSING and task.app_id == caller.app_id:
            check_task_time(tx, task)
            return task
    raise Refusal(
        RefusalKind.FORBIDDEN,
        "The job has no task in processing that came from a trigger of the calling application.",
        reason="task-needed",
    )


def check_task_time(tx: Transaction, task: Task) -> None:
    """Refuse work on a task that was not ended in time."""
    if not task.state.is_terminal and task.expires_at is not None and task.expires_at <= tx.now:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            f"The task had to be ended by {task.expires_at.isoformat()}; it is given up, and its job with it.",
            reason="task-expired",
        )


# Devices


def get_as_device(tx: Transaction, caller: Caller, printer_id: str, job_id: int, user_name: str = "") -> Job:
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
    if job.printer_id == printer_id and not secure_release.knows_owners(printers.get(tx, printer_id)):
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
    if secure_release.knows_owners(printer):
        queues.append(printer.id)
    return [job for queue in queues for job in secure_release.waiting_for(tx, user, queue)]


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


def _age(job: Job) -> tuple[datetime, int]:
    return job.created_at, job.number
