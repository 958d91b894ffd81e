"""The behaviour of a simulated printer as data, and the steps that follow from it for one job.

The same script is played by a device of its own (`upsim printer run`) and by a printer simulated inside upsim.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated

import msgspec
from msgspec import Struct

from upsim.domain.job import JobState
from upsim.domain.printer import PrinterState

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=0)]
REPORTS_MAX = 20
"""The most status reports for one job."""


class Persona(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The behaviour of a printer. Seconds are those of the tenant's clock inside upsim, real ones outside."""

    description: str = ""
    first_page_seconds: Seconds = 0.5
    seconds_per_page: Seconds = 0.1
    jams_every_jobs: Count = 0
    """The paper jams halfway in each job whose number is a multiple of this; 0: never."""
    jam_seconds: Seconds = 10.0
    """How long a jam lasts."""
    paper_sheets: Count = 0
    """The capacity of the tray; 0: never empty."""
    refill_seconds: Seconds = 20.0
    online_seconds: Seconds = 0.0
    """The length of the spells in which it is reachable,"""
    offline_seconds: Seconds = 0.0
    """and of the spells offline between them; 0: never offline."""
    rejects_formats: tuple[str, ...] = ()
    """Media types on which it aborts the job, although they were advertised."""
    crashes_every_jobs: Count = 0
    """In each job whose number is a multiple of this it crashes before Acknowledge-Job; the job waits for it."""
    restart_seconds: Seconds = 5.0
    acknowledges: bool = True
    """Whether it acknowledges jobs that it fetched."""


class Act(Enum):
    """One thing that a device does."""

    FETCH = "fetch"
    CRASH = "crash"
    ACKNOWLEDGE = "acknowledge"
    DOCUMENT = "document"
    JOB = "job"
    """Report the job's state."""
    PRINTER = "printer"
    """Report the printer's state."""
    TRAY = "tray"
    """Set the number of sheets in the tray."""


class Step(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`act`, after a while. `state` is a job-state or a printer-state, with its reason."""

    act: Act
    after_seconds: float = 0.0
    state: int = 0
    reason: str = "none"
    sheets: int = 0
    """Sheets of the job that are printed by then."""


def script(persona: Persona, ordinal: int, sheets: int, tray: int, format: str) -> tuple[Step, ...]:  # noqa: A002
    """Return the steps for the `ordinal`-th job that the device tries (from 1), given the sheets of its document.

    `tray` are the sheets left in it.
    """
    steps = [Step(act=Act.FETCH)]
    if not persona.acknowledges:
        return tuple(steps)
    if _is_time(persona.crashes_every_jobs, ordinal):
        return (*steps, Step(act=Act.CRASH, after_seconds=persona.restart_seconds))
    steps += [Step(act=Act.ACKNOWLEDGE), Step(act=Act.DOCUMENT)]
    if format in persona.rejects_formats:
        aborted = Step(act=Act.JOB, state=JobState.ABORTED, reason="unsupported-document-format")
        return (*steps, aborted)
    steps += [_printer(PrinterState.PROCESSING), _job(JobState.PROCESSING, "job-printing")]
    return (*steps, *_pages(persona, ordinal, sheets, tray), *_done(sheets))


def next_spell(persona: Persona, running_seconds: float) -> float:
    """Seconds until it can be reached, when it has run for so long; 0 where it can."""
    if not persona.offline_seconds:
        return 0.0
    turn = persona.online_seconds + persona.offline_seconds
    into = running_seconds % turn
    return turn - into if into >= persona.online_seconds else 0.0


def _pages(persona: Persona, ordinal: int, sheets: int, tray: int) -> Iterator[Step]:
    jam_at = (sheets + 1) // 2 if _is_time(persona.jams_every_jobs, ordinal) else 0
    every = max(1, -(-sheets // REPORTS_MAX))
    waited = persona.first_page_seconds
    for sheet in range(1, sheets + 1):
        if persona.paper_sheets and tray == 0:
            yield from _trouble("media-empty-error", waited, persona.refill_seconds, sheet - 1)
            yield Step(act=Act.TRAY, sheets=persona.paper_sheets)
            tray, waited = persona.paper_sheets, 0.0
        waited += persona.seconds_per_page
        tray -= 1
        if sheet == jam_at:
            yield from _trouble("media-jam-error", waited, persona.jam_seconds, sheet)
            waited = 0.0
        elif sheet % every == 0 and sheet < sheets:
            yield _job(JobState.PROCESSING, "job-printing", waited, sheet)
            waited = 0.0
    yield _job(JobState.PROCESSING, "job-printing", waited, sheets)
    if persona.paper_sheets:
        yield Step(act=Act.TRAY, sheets=tray)


def _trouble(reason: str, after: float, lasts: float, sheets: int) -> Iterator[Step]:
    """It stops, until somebody has been there."""
    yield _printer(PrinterState.STOPPED, reason, after)
    yield _job(JobState.PROCESSING_STOPPED, "printer-stopped", 0.0, sheets)
    yield _printer(PrinterState.PROCESSING, "none", lasts)
    yield _job(JobState.PROCESSING, "job-printing", 0.0, sheets)


def _done(sheets: int) -> tuple[Step, ...]:
    return _job(JobState.COMPLETED, "job-completed-successfully", 0.0, sheets), _printer(PrinterState.IDLE)


def _job(state: JobState, reason: str, after: float = 0.0, sheets: int = 0) -> Step:
    return Step(act=Act.JOB, after_seconds=after, state=state, reason=reason, sheets=sheets)


def _printer(state: PrinterState, reason: str = "none", after: float = 0.0) -> Step:
    return Step(act=Act.PRINTER, after_seconds=after, state=state, reason=reason)


def _is_time(every: int, ordinal: int) -> bool:
    return every > 0 and ordinal % every == 0
