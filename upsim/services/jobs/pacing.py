"""The pace of a job: what brings its next move about, where a test decides that.

The moves themselves are `lifecycle.step`, so subscribers, time stamps and the journal see what they always see. A
job that has a pace is left alone by the simulated device of its printer.
"""

from collections.abc import Collection

from msgspec.structs import replace

from upsim.domain.job import Job, JobState
from upsim.domain.pacing import Pace, of_job
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound
from upsim.domain.simulation import SimulatedDevice
from upsim.services import printers
from upsim.services.jobs import lifecycle
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
    job = replace(job, move_at=lifecycle.next_move_at(tx, job))
    tx.put(job)
    if pace is not None:
        return job
    if job.is_queued:
        return lifecycle.go_on(tx, job, is_past_holds=True)
    device = tx.get(SimulatedDevice, job.place)
    if device is not None and device.due_at is None:
        tx.put(replace(device, due_at=tx.now))
    return job


def set_pace_of_printer(tx: Transaction, printer_id: str, pace: Pace | None) -> list[Job]:
    """The same for all jobs of a printer, those to come and those that have not ended; returns these.

    With None those that are there are let go; to those to come the tenant's pace applies again.
    """
    printer = replace(printers.get(tx, printer_id), pace=pace)
    tx.put(printer)
    jobs = [job for job in tx.find(Query(entity=Job, parent=printer.id)) if not job.state.is_terminal]
    return [set_pace(tx, job.id, pace) for job in jobs]


def step(tx: Transaction, job_id: str) -> Job:
    """Make the next move of a job's course: fetchable, taken by the device, printing, completed."""
    return lifecycle.step(tx, get(tx, job_id))


def looked_at(tx: Transaction, job_id: str) -> None:
    """Count a client's read of a job that moves by reads; the read that completes the count sees it moved."""
    job = tx.get(Job, job_id)
    if job is None or job.pace is None or not job.moves_by_reads or not lifecycle.may_move(job, job.pace):
        return
    pace = job.pace
    job = replace(job, reads=job.reads + 1)
    tx.put(job)
    if job.reads >= pace.reads:
        lifecycle.step(tx, job)


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
    return lifecycle.force(tx, get(tx, job_id), state, reasons, allow_illegal=allow_illegal, message=message)
