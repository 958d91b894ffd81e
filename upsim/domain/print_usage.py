"""The usage of a job: pages, sheets, color, as usage reports add it up."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from upsim.domain.attributes import Attributes, first, values
from upsim.domain.job import Job, JobState

_DUPLEX = frozenset({"two-sided-long-edge", "two-sided-short-edge"})


class Printed(Struct, frozen=True, kw_only=True):
    """One job's or one row's counters."""

    pages: int
    black_and_white_pages: int
    color_pages: int
    sheets: int
    single_sided_sheets: int
    double_sided_sheets: int

    def plus(self, other: "Printed") -> "Printed":
        added = {name: getattr(self, name) + getattr(other, name) for name in self.__struct_fields__}
        return Printed(**added)


class UsageRow(Struct, frozen=True, kw_only=True):
    """The usage of one printer or one user on one day or in one month."""

    id: str
    subject: str
    """A printer's id or a user principal name."""
    name: str | None
    date: date
    """The day, or the first day of the month."""
    completed_black_and_white: int = 0
    completed_color: int = 0
    incomplete: int = 0
    printed: Printed | None = None
    """Sums over the jobs whose pages are known; None where no job's are."""


def is_color(job: Job, printer_defaults: Attributes) -> bool:
    """Return whether a job printed in color: by its template, else by its printer's default."""
    mode = first(job.template, "print-color-mode") or first(printer_defaults, "print-color-mode-default")
    return bool(mode == "color")


def copies(job: Job) -> int:
    return int(first(job.template, "copies", 1))


def printed(job: Job, *, in_color: bool) -> Printed | None:
    """Return a completed job's counters: the device's own where it reported them, else from the document's pages.

    Two pages of a copy share a sheet when the job is two-sided; copies never share one.
    """
    reported = first(job.reported, "job-impressions-completed")
    pages = int(reported) if reported is not None else _impressions(job)
    if pages is None:
        return None
    sheets, doubled = _sheets(job, pages)
    return Printed(
        pages=pages,
        black_and_white_pages=0 if in_color else pages,
        color_pages=pages if in_color else 0,
        sheets=sheets,
        single_sided_sheets=sheets - doubled,
        double_sided_sheets=doubled,
    )


def is_completed(job: Job) -> bool:
    """Return a redirected job was printed elsewhere, so it does not count twice."""
    return job.state is JobState.COMPLETED and job.redirected_to is None


def _impressions(job: Job) -> int | None:
    counted = job.document.page_count
    if counted is None:
        return None
    chosen = _chosen(counted, values(job.template, "page-ranges"))
    number_up = int(first(job.template, "number-up", 1)) or 1
    return -(-chosen // number_up) * copies(job)


def _chosen(pages: int, ranges: Iterable[tuple[int, int]]) -> int:
    """Count the pages that lie in any of the ranges; all pages if there is none."""
    listed = [(max(1, start), min(pages, end)) for start, end in ranges]
    if not listed:
        return pages
    return len({page for start, end in listed for page in range(start, end + 1)})


def _sheets(job: Job, pages: int) -> tuple[int, int]:
    """Sheets, and how many of them carry two pages."""
    is_duplex = first(job.template, "sides") in _DUPLEX
    reported = first(job.reported, "job-media-sheets-completed")
    number = max(1, copies(job))
    of_copy = pages // number
    doubled = of_copy // 2 * number if is_duplex else 0
    if reported is not None:
        return int(reported), min(doubled, int(reported))
    return pages - doubled, doubled
