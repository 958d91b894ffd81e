"""Usage and archived jobs, computed from the jobs themselves on the tenant's clock."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.attributes import Attributes, first
from upsim.domain.caller import Caller
from upsim.domain.job import Job
from upsim.domain.print_usage import Printed, UsageRow, copies, is_color, is_completed, printed
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.user import Group, Role
from upsim.services.ports import Transaction

Subject = Literal["printer", "user"]
Period = Literal["day", "month"]
READERS = frozenset(
    {Role.REPORTS_READER, Role.GLOBAL_READER, Role.PRINTER_ADMINISTRATOR, Role.GLOBAL_ADMINISTRATOR}
)
"""Directory roles that may read reports."""
COUNTED_AT_ONCE = 100
"""Documents whose pages are counted for one report before it asks again."""


class ArchivedJob(Struct, frozen=True, kw_only=True):
    """A finished job, as Graph's archivedPrintJob tells of it."""

    job: Job
    printer_name: str | None
    copies_printed: int
    printed: Printed | None


def check_reader(caller: Caller) -> None:
    """Refuse a user who holds none of the roles that read reports."""
    if not caller.roles & READERS:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            "Reading reports takes one of the roles Reports Reader, Global Reader or Printer Administrator.",
            reason="reader-needed",
        )


def uncounted(tx: Transaction, caller: Caller) -> list[Job]:
    """Completed jobs whose document's pages nobody counted yet, some at a time."""
    check_reader(caller)
    return tx.find(Query(entity=Job, tag="ended", accepts=_needs_count, limit=COUNTED_AT_ONCE))


def note_pages(tx: Transaction, job_id: str, pages: int | None) -> None:
    """Remember how many pages a job's document has; None where its format cannot be counted."""
    job = tx.get(Job, job_id)
    if job is not None:
        tx.put(replace(job, document=replace(job.document, page_count=pages, is_counted=True)))


def usage(tx: Transaction, caller: Caller, subject: Subject, period: Period) -> list[UsageRow]:
    """Rows by printer or user, a row for each day or month in which something was printed or queued."""
    check_reader(caller)
    printers = _printers(tx)
    rows: dict[tuple[str, date], UsageRow] = {}
    for job in tx.find(Query(entity=Job)):
        if job.redirected_to is not None:
            continue
        moment = job.ended_at if is_completed(job) else job.created_at
        key = (_subject_of(job, subject), _first_day(moment or job.created_at, period))
        row = rows.get(key) or _empty(key, subject, period, printers)
        rows[key] = _counting(row, job, printers.get(job.place))
    return sorted(rows.values(), key=lambda row: (row.date, row.subject))


def usage_row(tx: Transaction, caller: Caller, subject: Subject, period: Period, row_id: str) -> UsageRow:
    """One row by its id."""
    for row in usage(tx, caller, subject, period):
        if row.id == row_id.lower():
            return row
    raise NotFound("printUsage", row_id)


def archived(
    tx: Transaction, caller: Caller, accepts: Callable[[Job], bool], start: datetime | None, end: datetime | None
) -> list[ArchivedJob]:
    """Finished jobs whose end lies between two instants, both included."""
    check_reader(caller)
    printers = _printers(tx)

    def is_wanted(job: Job) -> bool:
        ended = job.ended_at
        is_within = ended is not None and (start is None or start <= ended) and (end is None or ended <= end)
        return is_within and accepts(job)

    found = tx.find(Query(entity=Job, tag="ended", accepts=is_wanted))
    return [_archived(job, printers.get(job.place)) for job in found]


def of_printer(printer_id: str) -> Callable[[Job], bool]:
    return lambda job: job.place == printer_id.lower()


def of_user(user_id: str) -> Callable[[Job], bool]:
    """By id or user principal name."""
    name = user_id.lower()
    return lambda job: name in {job.created_by.user_id, job.created_by.user_principal_name.lower()}


def of_members(tx: Transaction, group_id: str) -> Callable[[Job], bool]:
    """Of any member of a group."""
    group = tx.get(Group, group_id.lower())
    if group is None:
        raise NotFound("group", group_id)
    return lambda job: job.created_by.user_id in group.members


def _needs_count(job: Job) -> bool:
    is_reported = first(job.reported, "job-impressions-completed") is not None
    return is_completed(job) and not job.document.is_counted and not is_reported


def _printers(tx: Transaction) -> dict[str, Printer]:
    return {printer.id: printer for printer in tx.find(Query(entity=Printer))}


def _subject_of(job: Job, subject: Subject) -> str:
    return job.place if subject == "printer" else job.created_by.user_principal_name


def _first_day(moment: datetime, period: Period) -> date:
    return moment.date() if period == "day" else moment.date().replace(day=1)


def _empty(key: tuple[str, date], subject: Subject, period: Period, printers: dict[str, Printer]) -> UsageRow:
    who, day = key
    printer = printers.get(who)
    digest = hashlib.blake2b(f"{subject}/{period}/{who}/{day}".encode(), digest_size=16).hexdigest()
    return UsageRow(id=digest, subject=who, name=printer.display_name if printer else None, date=day)


def _counting(row: UsageRow, job: Job, printer: Printer | None) -> UsageRow:
    if not is_completed(job):
        return replace(row, incomplete=row.incomplete + 1)
    in_color = is_color(job, _defaults(printer))
    field = "completed_color" if in_color else "completed_black_and_white"
    counters = [each for each in (row.printed, printed(job, in_color=in_color)) if each is not None]
    return replace(row, **{field: getattr(row, field) + 1}, printed=_sum(counters))


def _sum(counters: Iterable[Printed]) -> Printed | None:
    total: Printed | None = None
    for each in counters:
        total = each if total is None else total.plus(each)
    return total


def _defaults(printer: Printer | None) -> Attributes:
    return {} if printer is None else {**printer.attributes, **printer.defaults}


def _archived(job: Job, printer: Printer | None) -> ArchivedJob:
    is_printed = is_completed(job)
    return ArchivedJob(
        job=job,
        printer_name=printer.display_name if printer else None,
        copies_printed=copies(job) if is_printed else 0,
        printed=printed(job, in_color=is_color(job, _defaults(printer))) if is_printed else None,
    )
