"""The one way by which a job moves: `advance`, its time stamps, its event."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from upsim.domain.events import Event
from upsim.domain.job import JOB_FETCHABLE, JOB_HELD_FOR_TASK, Job, JobState, Progress
from upsim.domain.job_lifecycle import JobEvent, advance, course, forced
from upsim.domain.pull_print import RoutedJob
from upsim.domain.query import Query
from upsim.domain.simulation import SimulatedDevice
from upsim.domain.task import Task, TaskState
from upsim.services import change_notices, notifications
from upsim.services.ports import Transaction


def move(tx: Transaction, job: Job, event: JobEvent, reported: Iterable[str] = (), **changes: Any) -> Job:
    """Apply an event to a job, with other changes to it, and store the result. Raises `IllegalTransition`."""
    return _enter(tx, job, event, advance(job.progress, event, frozenset(reported)), changes)


def force(tx: Transaction, job: Job, state: JobState, reasons: Iterable[str], **changes: Any) -> Job:
    """Put a job where no move leads, because a test asked for that by name."""
    if state is JobState.PENDING:
        changes |= {"acknowledged_at": None, "acknowledged_by": None, "processing_at": None}
    if not state.is_terminal:
        changes["ended_at"] = None
    moved = _enter(tx, job, JobEvent.FORCE, forced(state, frozenset(reasons)), changes)
    routed = tx.get(RoutedJob, job.id)
    if routed is not None and routed.has_ended != state.is_terminal:
        tx.put(replace(routed, has_ended=state.is_terminal))
    return moved


def next_move_at(tx: Transaction, job: Job) -> datetime | None:
    """When the next move of a job with a pace is due by itself."""
    event = course(job.progress) if job.pace and not job.is_incoming else None
    if job.pace is None or event is None or (job.pace.up_to == "fetchable" and event is not JobEvent.OFFER):
        return None
    return job.pace.next_at(tx.now)


def _enter(tx: Transaction, job: Job, event: JobEvent, after: Progress, changes: dict[str, Any]) -> Job:
    stamps: dict[str, Any] = {}
    if JOB_FETCHABLE in after.reasons and not job.is_fetchable:
        stamps["fetchable_at"] = tx.now
    if after.state is JobState.PROCESSING and job.processing_at is None:
        stamps["processing_at"] = tx.now
    if after.state.is_terminal:
        stamps["ended_at"] = tx.now
    moved = replace(job, **{"progress": after, "reads": 0, **changes, **stamps})
    if moved.pace is not None:
        moved = replace(moved, move_at=next_move_at(tx, moved))
    tx.put(moved)
    if after.state.is_terminal and JOB_HELD_FOR_TASK in job.progress.reasons:
        _end_tasks(tx, moved, TaskState.COMPLETED if event is JobEvent.REDIRECT else TaskState.ABORTED)
    if after.state.is_terminal and moved.place != moved.printer_id:
        _end_routing(tx, moved)
    tx.emit(
        Event(
            name=f"job.{_PAST[event]}",
            subject=job.id,
            facts=facts_of(moved),
        )
    )
    notifications.job_moved(tx, moved, event)
    if moved.is_fetchable and not job.is_fetchable:
        change_notices.job_fetchable(tx, moved)
        _wake_device(tx, moved.place)
    return moved


def _wake_device(tx: Transaction, printer_id: str) -> None:
    """A simulated device that waits for a job has one."""
    device = tx.get(SimulatedDevice, printer_id)
    if device is not None and device.due_at is None:
        tx.put(replace(device, due_at=tx.now))


def facts_of(job: Job) -> dict[str, Any]:
    """What an event tells of a job."""
    return {
        "printer": job.place,
        "user": job.created_by.user_id,
        "state": job.state.keyword,
        "reasons": sorted(job.progress.reasons),
    }


def _end_routing(tx: Transaction, job: Job) -> None:
    routed = tx.get(RoutedJob, job.id)
    if routed is not None:
        tx.put(replace(routed, has_ended=True))


def _end_tasks(tx: Transaction, job: Job, state: TaskState) -> None:
    """End the tasks that still held a job which has itself ended."""
    for task in tx.find(Query(entity=Task, parent=job.id)):
        if not task.state.is_terminal:
            tx.put(replace(task, state=state, description=f"The job is {job.state.keyword}."))


_PAST = {
    JobEvent.RECEIVE: "received",
    JobEvent.START: "started",
    JobEvent.HOLD: "held",
    JobEvent.RELEASE: "released",
    JobEvent.REDIRECT: "redirected",
    JobEvent.TRANSFORM: "transforming",
    JobEvent.SECURE: "held",
    JobEvent.RELEASE_SECURED: "released",
    JobEvent.OFFER: "fetchable",
    JobEvent.ACKNOWLEDGE: "acknowledged",
    JobEvent.HOLD_BY_USER: "held",
    JobEvent.RELEASE_BY_USER: "released",
    JobEvent.RETURN: "returned",
    JobEvent.RETURN_SECURED: "returned",
    JobEvent.PROCESS: "processing",
    JobEvent.STOP: "stopped",
    JobEvent.COMPLETE: "completed",
    JobEvent.CANCEL: "canceled",
    JobEvent.ABORT: "aborted",
    JobEvent.FORCE: "forced",
}
