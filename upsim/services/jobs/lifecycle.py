"""The only mover of jobs, and the one gate between a started job and the devices: `go_on`.

Every change of a job's state is a function here, named after what happened. Each takes its step in the table of
`upsim.domain.job_lifecycle`, which refuses what is not legal; `_enter` then stamps the times, stores the job and
notifies whoever asked to be. A job that has a pace waits before the gate until a test, a read or the clock calls
`step`.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace

from upsim.domain.attributes import KEYWORD, first, one
from upsim.domain.document_formats import PDF
from upsim.domain.events import Event
from upsim.domain.job import JOB_FETCHABLE, JOB_HELD_FOR_TASK, Job, JobState, Progress
from upsim.domain.job_lifecycle import CREATED, JobEvent, advance, course, forced, path
from upsim.domain.pacing import Pace
from upsim.domain.pull_print import RoutedJob
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.simulation import SimulatedDevice
from upsim.domain.task import Task, TaskDefinition, TaskState, TaskTrigger
from upsim.services import change_notices, conversion, members, notifications
from upsim.services.ports import Transaction

__all__ = ["CREATED"]  # the standing of a new job, for `owner`, which may not know the table

HOLD_UNTIL = "job-hold-until"
NO_HOLD = "no-hold"


def go_on(tx: Transaction, job: Job, *, is_new: bool = False, is_past_holds: bool = False) -> Job:
    """Take a queued job as far as it goes by itself: to the first hold that applies, else to the devices.

    `is_new`: the job was started just now, which is when a task trigger fires, and only then. `is_past_holds`:
    task and user have let it go already, and its pace has brought it here.
    """
    if not is_past_holds:
        if is_new and (trigger := _trigger_of(tx, job)) is not None:
            return _hold_for_task(tx, job, *trigger)
        if is_hold_wanted(job):
            return _move(tx, job, JobEvent.HOLD)
        if job.pace is not None:
            return job
    if conversion.is_needed(tx, job):
        seconds = tx.tenant.settings.jobs.conversion_seconds
        job = _move(tx, job, JobEvent.TRANSFORM, transforming_until=tx.now + timedelta(seconds=seconds))
        return job if seconds > 0 else _convert(tx, job)
    if job.is_hidden:
        return _move(tx, job, JobEvent.HOLD_FOR_SECURE_RELEASE)
    return _move(tx, job, JobEvent.MAKE_FETCHABLE)


# From creation to the gate


def receive(tx: Transaction, job: Job, **changes: Any) -> Job:
    """The job's document is complete."""
    return _move(tx, job, JobEvent.RECEIVE, **changes)


def start(tx: Transaction, job: Job) -> Job:
    """Queue a job that has its document, and let it go on."""
    return go_on(tx, _move(tx, job, JobEvent.START, started_at=tx.now), is_new=True)


def hold(tx: Transaction, job: Job) -> Job:
    """Keep a job from the devices, as its user asks (RFC 8011 section 4.3.5)."""
    return _move(tx, job, JobEvent.HOLD)


def release(tx: Transaction, job: Job) -> Job:
    """Let a job that its user held go on (RFC 8011 section 4.3.6)."""
    return go_on(tx, _move(tx, without_hold(job), JobEvent.RELEASE))


def release_from_task(tx: Transaction, job: Job) -> Job:
    """The application that held the job is done with it."""
    return go_on(tx, _move(tx, job, JobEvent.RELEASE_FROM_TASK))


def redirect(tx: Transaction, job: Job, to: Job) -> Job:
    """The application that held the job has another job printed for it."""
    return _move(tx, job, JobEvent.REDIRECT, redirected_to=to.id)


def secure_release(tx: Transaction, job: Job, printer_id: str) -> Job:
    """The job's owner is at a printer: it is printed there."""
    return go_on(tx, _move(tx, _released_at(tx, job, printer_id), JobEvent.SECURE_RELEASE), is_past_holds=True)


# With a device


def acknowledge(tx: Transaction, job: Job, printer_id: str) -> Job:
    """A printer's device takes the job. One that is held for its owner is released by this, at that printer."""
    if job.is_hidden:
        job = _released_at(tx, job, printer_id)
    return _move(tx, job, JobEvent.ACKNOWLEDGE, acknowledged_at=tx.now, acknowledged_by=printer_id)


def report(tx: Transaction, job: Job, state: JobState, reasons: Iterable[str]) -> Job:
    """The device that took the job reports its state; a canceling device without reasons canceled at its panel."""
    event = _REPORTED[state]
    given = [reason for reason in reasons if reason != "none"]
    return _move(tx, job, event, given or (["job-canceled-at-device"] if event is JobEvent.CANCEL else []))


def give_back(tx: Transaction, job: Job) -> Job:
    """A taken job waits for another device; one that its owner released waits for the owner again."""
    event = JobEvent.RETURN if job.released_at is None else JobEvent.RETURN_SECURED
    members.unroute(tx, job)
    return _move(tx, job, event, acknowledged_at=None, acknowledged_by=None, released_at=None, released_to=None)


# The ends that need no device


def cancel(tx: Transaction, job: Job) -> Job:
    """A user cancels the job. A device that took it learns that from an event."""
    return _move(tx, job, JobEvent.CANCEL)


def abort(tx: Transaction, job: Job, **changes: Any) -> Job:
    """The service gives the job up."""
    return _move(tx, job, JobEvent.ABORT, **changes)


# By the clock, or by a test


def settle(tx: Transaction, job: Job) -> Job:
    """Do what is due: end a conversion, move a job that has a pace, abort one whose document did not come."""
    if job.is_transforming:
        return _convert(tx, job)
    if not job.is_incoming:
        return step(tx, job)
    return abort(tx, job, state_message="The document did not arrive in time.")


def step(tx: Transaction, job: Job) -> Job:
    """Make the next move of a job's course: fetchable, taken by the device, printing, completed."""
    event = course(job.progress)
    if event is None:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            f"Job {job.id} has no next move of its own: it is {job.progress}. Force a state instead.",
            reason="no-next-move",
        )
    _take_from_simulation(tx, job)
    return _move_as_test(tx, job, event)


def force(
    tx: Transaction,
    job: Job,
    state: JobState,
    reasons: Collection[str],
    *,
    allow_illegal: bool,
    message: str = "",
) -> Job:
    """Put a job into a state, by the moves that lead there. Where none do it takes `allow_illegal`."""
    events = path(job.progress, state)
    if events is None and not allow_illegal:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            f"No legal moves lead from {job.progress} to {state.keyword}. Ask for an illegal move by name "
            "(allowIllegal) if the test is about one.",
            reason="move-illegal",
        )
    _take_from_simulation(tx, job)
    if events is None:
        return _put(tx, job, state, reasons, state_message=message)
    for number, event in enumerate(events, 1):
        job = _move_as_test(tx, job, event, reasons if number == len(events) else ())
    if message or (not events and reasons):
        return _put(tx, job, state, reasons or job.progress.reasons, state_message=message)
    return job


def may_move(job: Job, pace: Pace) -> bool:
    """Whether the pace has a move left to bring about."""
    event = course(job.progress)
    return event is not None and (event is JobEvent.MAKE_FETCHABLE or pace.up_to == "completed")


def next_move_at(tx: Transaction, job: Job) -> datetime | None:
    """When the next move of a job with a pace is due by itself."""
    if job.pace is None or job.is_incoming or not may_move(job, job.pace):
        return None
    return job.pace.next_at(tx.now)


def is_hold_wanted(job: Job) -> bool:
    """Whether the job's own job-hold-until keeps it from the devices."""
    return bool(first(job.template, HOLD_UNTIL, NO_HOLD) != NO_HOLD)


def facts_of(job: Job) -> dict[str, Any]:
    """What an event reports of a job."""
    return {
        "printer": job.place,
        "user": job.created_by.user_id,
        "state": job.state.keyword,
        "reasons": sorted(job.progress.reasons),
    }


# Steps of the gate


def _trigger_of(tx: Transaction, job: Job) -> tuple[TaskTrigger, TaskDefinition] | None:
    """The task trigger of the job's printer with its definition, if it has one."""
    trigger = tx.first(Query(entity=TaskTrigger, parent=job.printer_id))
    definition = tx.get(TaskDefinition, trigger.definition_id) if trigger else None
    return (trigger, definition) if trigger and definition else None


def _hold_for_task(tx: Transaction, job: Job, trigger: TaskTrigger, definition: TaskDefinition) -> Job:
    seconds = tx.tenant.settings.jobs.task_seconds
    task = Task(
        id=tx.new_id(),
        job_id=job.id,
        definition_id=definition.id,
        trigger_id=trigger.id,
        app_id=definition.app_id,
        created_at=tx.now,
        expires_at=None if seconds is None else tx.now + timedelta(seconds=seconds),
    )
    tx.put(task)
    held = _move(tx, job, JobEvent.HOLD_FOR_TASK)
    facts = {"definition": definition.id, "job": job.id, "printer": job.printer_id, "app": definition.app_id}
    tx.emit(Event(name="task.created", subject=task.id, facts=facts))
    change_notices.task_created(tx, task, job)
    return held


def _convert(tx: Transaction, job: Job) -> Job:
    """The document is converted: devices get it as PDF."""
    document = replace(job.document, converted_to=PDF)
    return go_on(tx, replace(job, document=document, transforming_until=None), is_past_holds=True)


def without_hold(job: Job) -> Job:
    """The job with a job-hold-until that does not hold it."""
    return replace(job, template={**job.template, HOLD_UNTIL: one(KEYWORD, NO_HOLD)})


def _released_at(tx: Transaction, job: Job, printer_id: str) -> Job:
    members.route(tx, job, printer_id)
    return replace(job, released_at=tx.now, released_to=printer_id)


# Moving


def _move_as_test(tx: Transaction, job: Job, event: JobEvent, reported: Collection[str] = ()) -> Job:
    """One move that a test asks for; no hold is asked, because the test decides."""
    if event is JobEvent.MAKE_FETCHABLE:
        return _convert(tx, job) if job.is_transforming else go_on(tx, job, is_past_holds=True)
    if event is JobEvent.RELEASE:
        return _move(tx, without_hold(job), event, reported)
    if event is JobEvent.ACKNOWLEDGE:
        return _move(tx, job, event, reported, acknowledged_at=tx.now, acknowledged_by=job.place)
    return _move(tx, job, event, reported)


def _take_from_simulation(tx: Transaction, job: Job) -> None:
    """Take the job from the simulated device that has it, if one has: from here on a test leads it."""
    device = tx.get(SimulatedDevice, job.place)
    if device is not None and device.job_id == job.id:
        tx.put(replace(device, job_id=None, steps=(), due_at=tx.now))


def _put(tx: Transaction, job: Job, state: JobState, reasons: Iterable[str], **changes: Any) -> Job:
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


def _move(tx: Transaction, job: Job, event: JobEvent, reported: Iterable[str] = (), **changes: Any) -> Job:
    """Apply an event to a job, with other changes to it, and store the result. Raises `IllegalTransition`."""
    return _enter(tx, job, event, advance(job.progress, event, frozenset(reported)), changes)


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
    if after.state.is_terminal:
        if JOB_HELD_FOR_TASK in job.progress.reasons:
            _end_tasks(tx, moved, TaskState.COMPLETED if event is JobEvent.REDIRECT else TaskState.ABORTED)
        if moved.place != moved.printer_id and (routed := tx.get(RoutedJob, moved.id)) is not None:
            tx.put(replace(routed, has_ended=True))
    tx.emit(Event(name=f"job.{_PAST[event]}", subject=job.id, facts=facts_of(moved)))
    notifications.job_event(tx, moved, *_NOTIFIED_AS.get(event, ()), "job-state-changed")
    if moved.is_fetchable and not job.is_fetchable:
        change_notices.job_fetchable(tx, moved)
        device = tx.get(SimulatedDevice, moved.place)
        if device is not None and device.due_at is None:  # it waits for a job and has one now
            tx.put(replace(device, due_at=tx.now))
    return moved


def _end_tasks(tx: Transaction, job: Job, state: TaskState) -> None:
    """End the tasks that still held a job which has itself ended."""
    for task in tx.find(Query(entity=Task, parent=job.id)):
        if not task.state.is_terminal:
            tx.put(replace(task, state=state, description=f"The job is {job.state.keyword}."))


_REPORTED = {
    JobState.PROCESSING: JobEvent.PROCESS,
    JobState.PROCESSING_STOPPED: JobEvent.STOP,
    JobState.CANCELED: JobEvent.CANCEL,
    JobState.ABORTED: JobEvent.ABORT,
    JobState.COMPLETED: JobEvent.COMPLETE,
}
_NOTIFIED_AS = {
    JobEvent.MAKE_FETCHABLE: ("job-fetchable", "document-fetchable"),
    JobEvent.RETURN: ("job-fetchable", "document-fetchable"),
    JobEvent.STOP: ("job-stopped",),
    JobEvent.COMPLETE: ("job-completed",),
    JobEvent.CANCEL: ("job-completed",),
    JobEvent.ABORT: ("job-completed",),
    JobEvent.REDIRECT: ("job-completed",),
}
"""The events of RFC 3995 that a move is, beside job-state-changed."""
_PAST = {
    JobEvent.RECEIVE: "received",
    JobEvent.START: "started",
    JobEvent.HOLD_FOR_TASK: "held",
    JobEvent.RELEASE_FROM_TASK: "released",
    JobEvent.REDIRECT: "redirected",
    JobEvent.TRANSFORM: "transforming",
    JobEvent.HOLD_FOR_SECURE_RELEASE: "held",
    JobEvent.SECURE_RELEASE: "released",
    JobEvent.MAKE_FETCHABLE: "fetchable",
    JobEvent.ACKNOWLEDGE: "acknowledged",
    JobEvent.HOLD: "held",
    JobEvent.RELEASE: "released",
    JobEvent.RETURN: "returned",
    JobEvent.RETURN_SECURED: "returned",
    JobEvent.PROCESS: "processing",
    JobEvent.STOP: "stopped",
    JobEvent.COMPLETE: "completed",
    JobEvent.CANCEL: "canceled",
    JobEvent.ABORT: "aborted",
    JobEvent.FORCE: "forced",
}
