"""Which printers release the jobs of which pull-print printers, and what was released where."""

from msgspec.structs import replace

from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.pull_print import PullPrinter, RoutedJob
from upsim.domain.query import Query
from upsim.domain.task import TaskTrigger
from upsim.services.ports import Transaction


def is_pull_printer(tx: Transaction, printer_id: str) -> bool:
    return tx.get(PullPrinter, printer_id) is not None


def is_configured(printer: Printer) -> bool:
    """Whether a device has described itself, which a printer with a registration alone has not."""
    return printer.state is not None and bool(printer.attributes)


def is_member(tx: Transaction, printer_id: str, pull_printer_id: str) -> bool:
    """Whether jobs of the pull-print printer can be released at the printer."""
    pull_printer = tx.get(PullPrinter, pull_printer_id)
    return pull_printer is not None and _admits(tx, pull_printer, printer_id)


def pull_printers_of(tx: Transaction, printer_id: str) -> list[PullPrinter]:
    """The pull-print printers whose jobs can be released at the printer, oldest first."""
    return [each for each in tx.find(Query(entity=PullPrinter)) if _admits(tx, each, printer_id)]


def members_of(tx: Transaction, pull_printer: PullPrinter) -> list[Printer]:
    """The printers at which its jobs can be released, oldest first."""
    if pull_printer.has_all_printers:
        return [each for each in tx.find(Query(entity=Printer)) if _admits(tx, pull_printer, each.id)]
    found = [tx.get(Printer, each) for each in pull_printer.members]
    return [each for each in found if each is not None]


def routed_to(tx: Transaction, printer_id: str, *, has_ended: bool | None = None) -> list[Job]:
    """Jobs of pull-print printers that were released at the printer, in the order of their release."""
    tag = None if has_ended is None else "ended" if has_ended else "live"
    found = [tx.get(Job, each.id) for each in tx.find(Query(entity=RoutedJob, parent=printer_id, tag=tag))]
    return [job for job in found if job is not None]


def route(tx: Transaction, job: Job, printer_id: str) -> None:
    """Remember at which printer a job is released, where it is not its own."""
    if printer_id != job.printer_id:
        tx.put(RoutedJob(id=job.id, printer_id=printer_id, routed_at=tx.now))


def unroute(tx: Transaction, job: Job) -> None:
    """Forget it: the job waits for its owner again."""
    routed = tx.get(RoutedJob, job.id)
    if routed is not None:
        tx.delete(routed)


def forget_printer(tx: Transaction, printer_id: str) -> None:
    """A printer goes: it is a member of nothing, and no pull-print printer itself."""
    for pull_printer in tx.find(Query(entity=PullPrinter)):
        if pull_printer.id == printer_id:
            tx.delete(pull_printer)
        elif printer_id in pull_printer.members:
            kept = tuple(each for each in pull_printer.members if each != printer_id)
            tx.put(replace(pull_printer, members=kept))


def _admits(tx: Transaction, pull_printer: PullPrinter, printer_id: str) -> bool:
    if not pull_printer.has_all_printers:
        return printer_id in pull_printer.members
    printer = tx.get(Printer, printer_id)
    return printer is not None and is_configured(printer) and not _is_queue(tx, printer_id)


def _is_queue(tx: Transaction, printer_id: str) -> bool:
    """Whether nobody stands before it: jobs are held on it, for Anywhere or under an application's task."""
    if is_pull_printer(tx, printer_id):
        return True
    return tx.first(Query(entity=TaskTrigger, parent=printer_id, limit=1)) is not None
