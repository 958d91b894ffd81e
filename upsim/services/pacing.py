"""Jobs whose moves a test decides: held, stepped, forced, timed, or moved by being looked at.

Every move goes through `progress`, so subscribers, stamps and the journal see what they always see. A job that has
a pace is left alone by the simulated device of its printer.
"""

from collections.abc import Collection

from msgspec.structs import replace

from upsim.domain.job import Job, JobState
from upsim.domain.job_lifecycle import JobEvent, course, path
from upsim.domain.pacing import Pace, of_job
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.simulation import SimulatedDevice
from upsim.services import conversion, printers, progress
from upsim.services.ports import Transaction


def get(tx: Transaction, job_id: str) -> Job:
    job = tx.get(Job, job_id)
    if job is None:
        raise NotFound("job", job_id)
    return job


def set_pace(tx: Transaction, job_id: str, pace: Pace | None) -> Job:
    """Choose what brings a job's next move about; None lets it go on as any other."""
    pace = of_job(pace)
    job = replace(get(tx, job_id), pace=pace, reads=0)
    job = replace(job, move_at=progress.next_move_at(tx, job))
    tx.put(job)
    return job if pace else _let_go(tx, job)


def set_pace_of_printer(tx: Transaction, printer_id: str, pace: Pace | None) -> list[Job]:
    """The same for all jobs of a printer, those to come and those that have not ended; returns these.

    With None those that are there are let go; to those to come the tenant's pace applies again.
    """
    printer = replace(printers.get(tx, printer_id), pace=pace)
    tx.put(printer)
    jobs = [job for job in tx.find(Query(entity=Job, parent=printer.id)) if not job.state.is_terminal]
    return [set_pace(tx, job.id, pace) for job in jobs]


def step(tx: Transaction, job_id: str) -> Job:
    """Make the next move of a job's course: offered, taken by the device, printing, completed."""
    return _make_move(tx, get(tx, job_id))


def move_on(tx: Transaction, job: Job) -> Job:
    """The timed move that is due."""
    return _make_move(tx, job)


def looked_at(tx: Transaction, job_id: str) -> None:
    """A client has looked at a job that moves by being looked at; the look that counts sees it moved."""
    job = tx.get(Job, job_id)
    if job is None or job.pace is None or not job.moves_by_reads or not _may_move(job, job.pace):
        return
    pace = job.pace
    job = replace(job, reads=job.reads + 1)
    tx.put(job)
    if job.reads >= pace.reads:
        _make_move(tx, job)


def force(
    tx: Transaction,
    job_id: str,
    state: JobState,
    reasons: Collection[str],
    *,
    allow_illegal: bool,
    message: str = "",
) -> Job:
    """Put a job into a state, by the moves that lead there. Where none do it takes `allow_illegal`."""
    job = get(tx, job_id)
    events = path(job.progress, state)
    if events is None:
        if not allow_illegal:
            raise Refusal(
                RefusalKind.NOT_POSSIBLE,
                f"No legal moves lead from {job.progress} to {state.keyword}. Ask for an illegal move by name "
                "(allowIllegal) if the test is about one.",
                reason="move-illegal",
            )
        _take_over(tx, job)
        return progress.force(tx, job, state, reasons, state_message=message)
    _take_over(tx, job)
    for number, event in enumerate(events, 1):
        reported = reasons if number == len(events) else ()
        job = _move(tx, job, event, reported)
    if message or (not events and reasons):
        return progress.force(tx, job, state, reasons or job.progress.reasons, state_message=message)
    return job


def _make_move(tx: Transaction, job: Job) -> Job:
    event = course(job.progress)
    if event is None:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            f"Job {job.id} has no next move of its own: it is {job.progress}. Force a state instead.",
            reason="no-next-move",
        )
    _take_over(tx, job)
    return _move(tx, job, event)


def _move(tx: Transaction, job: Job, event: JobEvent, reported: Collection[str] = ()) -> Job:
    if event is JobEvent.OFFER:
        return conversion.finish(tx, job) if job.is_transforming else conversion.go_on(tx, job)
    changes = {}
    if event is JobEvent.ACKNOWLEDGE:
        changes = {"acknowledged_at": tx.now, "acknowledged_by": job.place}
    return progress.move(tx, job, event, reported, **changes)


def _may_move(job: Job, pace: Pace) -> bool:
    """Whether the pace has a move left to bring about."""
    event = course(job.progress)
    return event is not None and (event is JobEvent.OFFER or pace.up_to == "completed")


def _take_over(tx: Transaction, job: Job) -> None:
    """From here on the job is not the simulated device's that has it, if one has."""
    device = tx.get(SimulatedDevice, job.place)
    if device is not None and device.job_id == job.id:
        tx.put(replace(device, job_id=None, steps=(), due_at=tx.now))


def _let_go(tx: Transaction, job: Job) -> Job:
    """Let the service and the printer's simulated device, if it has one, go on with a job."""
    if job.is_queued:
        return conversion.go_on(tx, job)
    device = tx.get(SimulatedDevice, job.place)
    if device is not None and device.due_at is None:
        tx.put(replace(device, due_at=tx.now))
    return job
