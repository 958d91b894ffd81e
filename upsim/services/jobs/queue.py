"""A printer's queue as IPP callers see it: the device all of it, a user what they may see."""

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.caller import Caller
from upsim.domain.job import Job
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.user import User
from upsim.services import access, printers
from upsim.services.jobs import device, secure_release, visibility
from upsim.services.ports import Transaction
from upsim.services.targets import Target


class Wanted(Struct, frozen=True, kw_only=True):
    """What Get-Jobs asks for (RFC 8011 section 4.2.6.1)."""

    which: str = "not-completed"
    is_mine: bool = False
    user: str = ""
    """The user principal name that the request names, if it names one."""
    user_uri: str = ""
    """requesting-user-uri, which devices vouch for."""
    numbers: tuple[int, ...] = ()
    """job-ids: of the jobs only these (PWG 5100.11 section 4.3.2)."""
    limit: int | None = None


def list_jobs(tx: Transaction, caller: Caller, printer_id: str, wanted: Wanted) -> list[Job]:
    """The jobs, oldest first.

    A device asks in the name of whoever stands before it, so `my-jobs` needs that user's name. A user's token
    says who they are, whatever the request claims.
    """
    if wanted.limit is not None and wanted.limit < 1:
        raise Refusal(RefusalKind.INVALID, "limit must be 1 or more.", reason="limit-invalid")
    if not wanted.numbers:
        return _list(tx, caller, printer_id, wanted)
    listed = _list(tx, caller, printer_id, replace(wanted, limit=None))
    return [job for job in listed if job.number in wanted.numbers][: wanted.limit]


def _list(tx: Transaction, caller: Caller, printer_id: str, wanted: Wanted) -> list[Job]:
    if caller.kind == "user":
        sees_all = not wanted.is_mine and visibility.sees_all_jobs(tx, caller, printer_id)
        owner = None if sees_all else caller.user_id
        return device.list_jobs(tx, printer_id, which=wanted.which, owner=owner, limit=wanted.limit)
    if wanted.is_mine and not (wanted.user or wanted.user_uri):
        raise Refusal(
            RefusalKind.INVALID,
            "my-jobs needs requesting-user-uri or requesting-user-name.",
            reason="user-missing",
        )
    access.own_printer(caller, printer_id)
    if caller.kind != "device":
        return device.list_jobs(tx, printer_id, which=wanted.which, limit=wanted.limit)
    user = _present(tx, wanted)
    name = wanted.user if wanted.is_mine else ""
    printer = printers.get(tx, printer_id)
    return device.list_for_device(tx, printer, which=wanted.which, user=user, user_name=name, limit=wanted.limit)


def _present(tx: Transaction, wanted: Wanted) -> User | None:
    """The user who stands before the device and asks for their jobs."""
    if not wanted.is_mine:
        return None
    if wanted.user_uri:
        return secure_release.user_of(tx, wanted.user_uri)
    return tx.first(Query(entity=User, key=wanted.user.lower()))


def get_job(tx: Transaction, caller: Caller, target: Target, job_id: int, user_name: str = "") -> Job:
    """A job of the printer that the caller may see; `user_name` is whom a device vouches for."""
    job = _of_printer(tx, caller, target, job_id, user_name)
    visibility.check_job(tx, caller, job)
    return job


def get_document(tx: Transaction, caller: Caller, target: Target, job_id: int, number: int) -> Job:
    """A job that has a document of this number."""
    job = get_job(tx, caller, target, job_id)
    if number != 1 or job.document.uploaded_at is None:
        raise NotFound("document", str(number))
    return job


def own_job(tx: Transaction, caller: Caller, target: Target, job_id: int) -> Job:
    """A job that the caller created."""
    job = get_job(tx, caller, target, job_id)
    if caller.kind != "user" or job.created_by.user_id != caller.user_id:
        raise Refusal(
            RefusalKind.FORBIDDEN, f"Job {job.id} belongs to another user.", reason="job-of-another-user"
        )
    return job


def controlled_job(tx: Transaction, caller: Caller, target: Target, job_id: int) -> Job:
    """A job that the caller may change: their own, for administrators any, for a device its printer's."""
    if caller.kind == "device" or access.administers(tx, caller, target.printer.id):
        return _of_printer(tx, caller, target, job_id)
    return own_job(tx, caller, target, job_id)


def count_waiting(tx: Transaction, printer_id: str) -> int:
    """queued-job-count: jobs that have not ended (RFC 8011 section 5.4.24)."""
    tags = ("incoming", "waiting", "fetchable")
    return sum(len(tx.find(Query(entity=Job, parent=printer_id, tag=tag))) for tag in tags)


def _of_printer(tx: Transaction, caller: Caller, target: Target, job_id: int, user_name: str = "") -> Job:
    if caller.kind == "device":
        return visibility.get_as_device(tx, caller, target.printer.id, job_id, user_name)
    job = tx.get(Job, str(job_id))
    if job is None or target.printer.id not in {job.printer_id, job.place}:
        raise NotFound("job", str(job_id))
    return job
