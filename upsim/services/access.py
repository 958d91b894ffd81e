"""What a caller may see and touch, beyond what a row's permissions say."""

from upsim.domain.caller import Caller
from upsim.domain.faults import Fault, Refused
from upsim.domain.job import Job
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.user import Group
from upsim.services.ports import Transaction


def check_share(tx: Transaction, caller: Caller, share: PrinterShare) -> None:
    """Refuse a user whom the share does not admit."""
    if not admits(tx, caller, share):
        raise Refused(
            Fault.FORBIDDEN,
            f"The share '{share.display_name}' does not admit {caller.name}; ask an administrator to add the "
            "user or one of their groups.",
            reason="share-access",
        )


def admits(tx: Transaction, caller: Caller, share: PrinterShare) -> bool:
    """Whether the caller may see and print to the share. Administrators and applications see all shares."""
    if caller.kind != "user" or caller.is_printer_administrator:
        return True
    return share.admits(caller.user_id, groups_of(tx, caller.user_id))


def groups_of(tx: Transaction, user_id: str) -> set[str]:
    """Ids of the groups that a user is a member of."""
    return {group.id for group in tx.find(Query(entity=Group, accepts=lambda group: user_id in group.members))}


def sees_all_jobs(caller: Caller) -> bool:
    """Whether the caller may see other people's jobs.

    That is a Printer Administrator with a PrintJob.*.All permission, or an application, whose permissions are
    all of that kind.
    """
    if caller.kind != "user":
        return True
    holds_all = any(scope.startswith("PrintJob.") and scope.endswith(".All") for scope in caller.scopes)
    return caller.is_printer_administrator and holds_all


def check_job(caller: Caller, job: Job) -> None:
    """Refuse a user who did not create the job and may not see everyone's."""
    if caller.kind == "user" and job.created_by.user_id != caller.user_id and not sees_all_jobs(caller):
        raise Refused(
            Fault.FORBIDDEN,
            f"Job {job.id} belongs to another user; reading it takes the Printer Administrator role and a "
            "PrintJob.*.All permission.",
            reason="job-of-another-user",
        )


def own_printer(caller: Caller, printer_id: str) -> str:
    """The id, if it is that of the device's own printer: a device reaches only its own data."""
    if caller.kind == "device" and caller.printer_id.lower() != printer_id.lower():
        raise Refused(
            Fault.FORBIDDEN,
            f"The device token is for printer {caller.printer_id}, not for {printer_id}.",
            reason="printer-of-another-device",
        )
    return printer_id
