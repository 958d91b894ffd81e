"""A printer's state as a test wants it: forced, held against the device's reports, let go again."""

from collections.abc import Collection

from msgspec.structs import replace

from upsim.domain.events import Event
from upsim.domain.job import Job, JobState
from upsim.domain.printer import Printer, PrinterState
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services import members, notifications, printers
from upsim.services.ports import Transaction


def force(
    tx: Transaction,
    printer_id: str,
    state: PrinterState,
    reasons: Collection[str] = (),
    *,
    message: str = "",
    hold: bool = False,
    allow_illegal: bool = False,
) -> Printer:
    """Put a printer into a state as if its device had reported it; `hold` keeps reports from counting.

    Idle and processing say whether a job is being printed (RFC 8011 section 5.4.11), so what contradicts the jobs
    is illegal.
    """
    printer = printers.get(tx, printer_id)
    is_printing = _is_printing(tx, printer)
    is_legal = state is PrinterState.STOPPED or is_printing == (state is PrinterState.PROCESSING)
    if not is_legal and not allow_illegal:
        jobs = "a job of it is" if is_printing else "no job of it is"
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            f"The printer cannot be {state.name.lower()} while {jobs} processing. Ask for an illegal state by "
            "name (allowIllegal) if the test is about one.",
            reason="state-illegal",
        )
    told = tuple(reason for reason in reasons if reason != "none")
    return _restate(
        tx, printer, replace(printer, state=state, state_reasons=told, state_message=message, is_state_held=hold)
    )


def let_go(tx: Transaction, printer_id: str) -> Printer:
    """The device's own reports count again, the last of them first."""
    printer = printers.get(tx, printer_id)
    plain = replace(printer, is_state_held=False, state_reasons=(), state_message="")
    return _restate(tx, printer, replace(plain, **printers.standing_of(plain, printer.attributes)))


def _is_printing(tx: Transaction, printer: Printer) -> bool:
    own = tx.find(Query(entity=Job, parent=printer.id, tag="waiting"))
    jobs = [*own, *members.routed_to(tx, printer.id, has_ended=False)]
    return any(job.state is JobState.PROCESSING and job.place == printer.id for job in jobs)


def _restate(tx: Transaction, before: Printer, after: Printer) -> Printer:
    after = after.stamped(before, tx.now)
    tx.put(after)
    notifications.printer_described(tx, before, after, set())
    tx.emit(Event(name="printer.state-changed", subject=after.id, facts={"state": after.state}))
    return after
