"""The life of a job, as one table.

Theory of operation. A job's standing is the pair of its IPP state (RFC 8011 section 5.3.7) and its
reasons (section 5.3.8), because the same event can be legal or not in one state by reason alone: a
device may acknowledge a pending job only while it is `job-fetchable`. So every row names, beside the
state it leaves, the reasons that it `requires` and those that it `forbids`. An event that meets no row
is refused. Nothing else moves a job: `upsim.services.jobs.lifecycle` alone calls `advance`, Graph's printJobStatus
is a projection of the result, and nothing ever writes a Graph state.

Reasons. A row takes away the reasons it `clears` and adds those it `adds`. On rows that a device drives, the
device's own reasons replace all that stood there, and `adds` is only the word for a device that gave none.

What the specifications leave open was chosen so: a fetchable job is `pending` + `job-fetchable` (one public
server says processing-stopped, another pending; the device clients accept both), and acknowledging leaves it
pending, because the device has not begun to print (see docs/decisions/0004-job-lifecycle.md). A held job is
never fetchable nor is its document being converted: holding takes that reason away, releasing goes through
`job-queued` again. A task, a user and secure release hold for different reasons, so none can release what
another holds. A job that is held for release may be acknowledged as it is: the owner is at the device, and
acknowledging releases it (Universal Print, "badge release"). A device that deregisters gives its jobs back, and
those that were released wait for their owner again.
"""

from enum import StrEnum

from msgspec import Struct

from upsim.domain.job import (
    JOB_DATA_INSUFFICIENT,
    JOB_FETCHABLE,
    JOB_HELD_FOR_RELEASE,
    JOB_HELD_FOR_TASK,
    JOB_HOLD_UNTIL_SPECIFIED,
    JOB_INCOMING,
    JOB_QUEUED,
    JOB_TRANSFORMING,
    JobState,
    Progress,
)
from upsim.domain.refusals import IllegalTransition


class JobEvent(StrEnum):
    """What can happen to a job. HOLD, RELEASE and CANCEL are RFC 8011's operations of these names."""

    RECEIVE = "receive"
    """Its document is complete."""
    START = "start"
    """Its owner has it queued."""
    HOLD_FOR_TASK = "hold-for-task"
    """A task trigger of its printer keeps it until an application has seen to it."""
    RELEASE_FROM_TASK = "release-from-task"
    """That application is done with it."""
    REDIRECT = "redirect"
    """That application has it printed elsewhere; what follows happens to a new job."""
    HOLD = "hold"
    """Hold-Job, or its own job-hold-until, keeps it from the devices."""
    RELEASE = "release"
    """Release-Job lets it go on."""
    TRANSFORM = "transform"
    """The service converts its document for the printer, which takes a while."""
    HOLD_FOR_SECURE_RELEASE = "hold-for-secure-release"
    """Secure release keeps it until its owner is at a printer."""
    SECURE_RELEASE = "secure-release"
    """Its owner is at a printer."""
    MAKE_FETCHABLE = "make-fetchable"
    """Its payload is ready: a device may fetch it."""
    ACKNOWLEDGE = "acknowledge"
    """A device takes it."""
    RETURN = "return"
    """The device that took it gives it back, because the device goes away."""
    RETURN_SECURED = "return-secured"
    """The same with a job that its owner released: it waits for the owner again."""
    PROCESS = "process"
    """The device reports that it prints."""
    STOP = "stop"
    """The device reports that it cannot go on for now."""
    COMPLETE = "complete"
    CANCEL = "cancel"
    ABORT = "abort"
    FORCE = "force"
    """A test put it there against the table; no row has this."""


ALL = frozenset({"*"})
"""In `clears`: every reason."""
NOT_TAKEN = frozenset({JOB_INCOMING, JOB_QUEUED, JOB_FETCHABLE})
"""A job with one of these has not been acknowledged by a device."""


class Row(Struct, frozen=True, kw_only=True):
    """One legal move. `spec` is the text that the row follows."""

    source: JobState
    event: JobEvent
    target: JobState
    requires: frozenset[str] = frozenset()
    forbids: frozenset[str] = frozenset()
    clears: frozenset[str] = frozenset()
    adds: frozenset[str] = frozenset()
    is_reported: bool = False
    """Whether the reasons come from the device."""
    spec: str

    def admits(self, reasons: frozenset[str]) -> bool:
        return self.requires <= reasons and not (self.forbids & reasons)

    def reasons_after(self, before: frozenset[str], reported: frozenset[str]) -> frozenset[str]:
        if self.is_reported and reported:
            return reported
        kept = frozenset() if self.clears == ALL else before - self.clears
        return kept | self.adds | reported


CREATED = Progress(JobState.PENDING, frozenset({JOB_INCOMING, JOB_DATA_INSUFFICIENT}))
"""Where every job begins: it exists, its document does not."""

_PENDING, _PROCESSING, _STOPPED = JobState.PENDING, JobState.PROCESSING, JobState.PROCESSING_STOPPED
_HELD = JobState.PENDING_HELD


def _reasons(*keywords: str) -> frozenset[str]:
    return frozenset(keywords)


def _device(source: JobState, event: JobEvent, target: JobState, *adds: str) -> Row:
    return Row(
        source=source,
        event=event,
        target=target,
        forbids=NOT_TAKEN,
        clears=ALL,
        adds=_reasons(*adds),
        is_reported=True,
        spec="PWG 5100.18 Update-Job-Status",
    )


def _hold(reason: str, *forbids: str) -> Row:
    return Row(
        source=_PENDING,
        event=JobEvent.HOLD,
        target=_HELD,
        requires=_reasons(reason),
        forbids=_reasons(*forbids),
        clears=_reasons(reason),
        adds=_reasons(JOB_HOLD_UNTIL_SPECIFIED),
        spec="RFC 8011 section 4.3.5 Hold-Job",
    )


def _returns(event: JobEvent, target: JobState, reason: str) -> tuple[Row, ...]:
    return tuple(
        Row(
            source=source,
            event=event,
            target=target,
            forbids=NOT_TAKEN,
            clears=ALL,
            adds=_reasons(reason),
            spec="PWG 5100.18 Deregister-Output-Device",
        )
        for source in (_PENDING, _PROCESSING, _STOPPED)
    )


def _ending(event: JobEvent, target: JobState, reason: str, spec: str) -> tuple[Row, ...]:
    live = (_PENDING, JobState.PENDING_HELD, _PROCESSING, _STOPPED)
    return tuple(
        Row(
            source=source,
            event=event,
            target=target,
            clears=ALL,
            adds=_reasons(reason),
            is_reported=True,
            spec=spec,
        )
        for source in live
    )


ROWS: tuple[Row, ...] = (
    Row(
        source=_PENDING,
        event=JobEvent.RECEIVE,
        target=_PENDING,
        requires=_reasons(JOB_DATA_INSUFFICIENT),
        clears=_reasons(JOB_DATA_INSUFFICIENT),
        spec="RFC 8011 section 5.3.8 job-data-insufficient",
    ),
    Row(
        source=_PENDING,
        event=JobEvent.START,
        target=_PENDING,
        requires=_reasons(JOB_INCOMING),
        forbids=_reasons(JOB_DATA_INSUFFICIENT),
        clears=_reasons(JOB_INCOMING),
        adds=_reasons(JOB_QUEUED),
        spec="Microsoft Graph printJob: start",
    ),
    Row(
        source=_PENDING,
        event=JobEvent.HOLD_FOR_TASK,
        target=_HELD,
        requires=_reasons(JOB_QUEUED),
        forbids=_reasons(JOB_TRANSFORMING),
        clears=_reasons(JOB_QUEUED),
        adds=_reasons(JOB_HELD_FOR_TASK),
        spec="Microsoft Graph printTaskTrigger: jobStarted",
    ),
    Row(
        source=_HELD,
        event=JobEvent.RELEASE_FROM_TASK,
        target=_PENDING,
        requires=_reasons(JOB_HELD_FOR_TASK),
        clears=_reasons(JOB_HELD_FOR_TASK),
        adds=_reasons(JOB_QUEUED),
        spec="Microsoft Graph printTask: completed",
    ),
    Row(
        source=_HELD,
        event=JobEvent.REDIRECT,
        target=JobState.COMPLETED,
        requires=_reasons(JOB_HELD_FOR_TASK),
        clears=ALL,
        adds=_reasons("job-completed-successfully"),
        spec="Microsoft Graph printJob: redirect",
    ),
    Row(
        source=_PENDING,
        event=JobEvent.TRANSFORM,
        target=_PENDING,
        requires=_reasons(JOB_QUEUED),
        forbids=_reasons(JOB_TRANSFORMING),
        adds=_reasons(JOB_TRANSFORMING),
        spec="RFC 8011 section 5.3.8 job-transforming",
    ),
    Row(
        source=_PENDING,
        event=JobEvent.MAKE_FETCHABLE,
        target=_PENDING,
        requires=_reasons(JOB_QUEUED),
        clears=_reasons(JOB_QUEUED, JOB_TRANSFORMING),
        adds=_reasons(JOB_FETCHABLE),
        spec="PWG 5100.18 job-fetchable",
    ),
    Row(
        source=_PENDING,
        event=JobEvent.ACKNOWLEDGE,
        target=_PENDING,
        requires=_reasons(JOB_FETCHABLE),
        clears=_reasons(JOB_FETCHABLE),
        spec="PWG 5100.18 Acknowledge-Job",
    ),
    _hold(JOB_QUEUED, JOB_FETCHABLE, JOB_TRANSFORMING),
    _hold(JOB_FETCHABLE),
    Row(
        source=_HELD,
        event=JobEvent.RELEASE,
        target=_PENDING,
        requires=_reasons(JOB_HOLD_UNTIL_SPECIFIED),
        clears=_reasons(JOB_HOLD_UNTIL_SPECIFIED),
        adds=_reasons(JOB_QUEUED),
        spec="RFC 8011 section 4.3.6 Release-Job",
    ),
    Row(
        source=_PENDING,
        event=JobEvent.HOLD_FOR_SECURE_RELEASE,
        target=_HELD,
        requires=_reasons(JOB_QUEUED),
        clears=_reasons(JOB_QUEUED, JOB_TRANSFORMING),
        adds=_reasons(JOB_HELD_FOR_RELEASE),
        spec="Microsoft Graph (beta) printerShare: holdJobsForSecureRelease",
    ),
    Row(
        source=_HELD,
        event=JobEvent.SECURE_RELEASE,
        target=_PENDING,
        requires=_reasons(JOB_HELD_FOR_RELEASE),
        clears=_reasons(JOB_HELD_FOR_RELEASE),
        adds=_reasons(JOB_QUEUED),
        spec="Universal Print, secure release",
    ),
    Row(
        source=_HELD,
        event=JobEvent.ACKNOWLEDGE,
        target=_PENDING,
        requires=_reasons(JOB_HELD_FOR_RELEASE),
        clears=_reasons(JOB_HELD_FOR_RELEASE),
        spec="Universal Print, badge release: Acknowledge-Job releases",
    ),
    *_returns(JobEvent.RETURN, _PENDING, JOB_FETCHABLE),
    *_returns(JobEvent.RETURN_SECURED, _HELD, JOB_HELD_FOR_RELEASE),
    _device(_PENDING, JobEvent.PROCESS, _PROCESSING, "job-printing"),
    _device(_PROCESSING, JobEvent.PROCESS, _PROCESSING, "job-printing"),
    _device(_STOPPED, JobEvent.PROCESS, _PROCESSING, "job-printing"),
    _device(_PENDING, JobEvent.STOP, _STOPPED, "printer-stopped"),
    _device(_PROCESSING, JobEvent.STOP, _STOPPED, "printer-stopped"),
    _device(_STOPPED, JobEvent.STOP, _STOPPED, "printer-stopped"),
    _device(_PENDING, JobEvent.COMPLETE, JobState.COMPLETED, "job-completed-successfully"),
    _device(_PROCESSING, JobEvent.COMPLETE, JobState.COMPLETED, "job-completed-successfully"),
    _device(_STOPPED, JobEvent.COMPLETE, JobState.COMPLETED, "job-completed-successfully"),
    *_ending(JobEvent.CANCEL, JobState.CANCELED, "job-canceled-by-user", "RFC 8011 section 4.3.3 Cancel-Job"),
    *_ending(JobEvent.ABORT, JobState.ABORTED, "aborted-by-system", "RFC 8011 section 5.3.7 aborted"),
)


def advance(progress: Progress, event: JobEvent, reported: frozenset[str] = frozenset()) -> Progress:
    """The standing after `event`, or `IllegalTransition`. `reported` are reasons given with the event."""
    for row in ROWS:
        if (row.source, row.event) == (progress.state, event) and row.admits(progress.reasons):
            return Progress(row.target, row.reasons_after(progress.reasons, reported))
    raise IllegalTransition(event.value, str(progress))


def course(progress: Progress) -> JobEvent | None:
    """The next move of a job that nothing holds up: fetchable, taken, printing, completed."""
    if progress.state is JobState.PROCESSING:
        return JobEvent.COMPLETE
    if progress.state is JobState.PENDING_HELD:
        return None
    return next((event for event in _COURSE if _is_legal(progress, event)), None)


def path(progress: Progress, state: JobState) -> tuple[JobEvent, ...] | None:
    """The fewest legal moves that lead to a state; None where none do. What a job is already takes none."""
    ways: list[tuple[Progress, tuple[JobEvent, ...]]] = [(progress, ())]
    seen = {progress}
    for standing, events in ways:
        if standing.state is state:
            return events
        for event in _ON_THE_WAY:
            if _is_legal(standing, event) and (after := advance(standing, event)) not in seen:
                seen.add(after)
                ways.append((after, (*events, event)))
    return None


def forced(state: JobState, reasons: frozenset[str]) -> Progress:
    """A standing that no move has led to."""
    return Progress(state, reasons or _reasons(*_USUAL_REASONS[state]))


def _is_legal(progress: Progress, event: JobEvent) -> bool:
    return any((row.source, row.event) == (progress.state, event) and row.admits(progress.reasons) for row in ROWS)


_COURSE = (JobEvent.MAKE_FETCHABLE, JobEvent.ACKNOWLEDGE, JobEvent.PROCESS)
_ON_THE_WAY = (
    JobEvent.START,
    JobEvent.RELEASE,
    JobEvent.SECURE_RELEASE,
    JobEvent.MAKE_FETCHABLE,
    JobEvent.ACKNOWLEDGE,
    JobEvent.HOLD,
    JobEvent.PROCESS,
    JobEvent.STOP,
    JobEvent.COMPLETE,
    JobEvent.CANCEL,
    JobEvent.ABORT,
)
"""Moves that a test may ask for in passing: not the coming of a document, nor what an application decides."""
_USUAL_REASONS = {
    JobState.PENDING: (JOB_FETCHABLE,),
    JobState.PENDING_HELD: (JOB_HOLD_UNTIL_SPECIFIED,),
    JobState.PROCESSING: ("job-printing",),
    JobState.PROCESSING_STOPPED: ("printer-stopped",),
    JobState.CANCELED: ("job-canceled-by-user",),
    JobState.ABORTED: ("aborted-by-system",),
    JobState.COMPLETED: ("job-completed-successfully",),
}


def as_grid() -> str:
    """The table as Markdown: a line a row, for docs/reference/job-states.md."""
    lines = [
        "| from | requires | forbids | event | to | adds | follows |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in ROWS:
        cells = (
            row.source.keyword,
            ", ".join(sorted(row.requires)),
            ", ".join(sorted(row.forbids)),
            row.event.value,
            row.target.keyword,
            ", ".join(sorted(row.adds)) + (" (or the device's own)" if row.is_reported else ""),
            row.spec,
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def as_diagram() -> str:
    """Return the table as a Mermaid state diagram: an arrow for each event between two states."""
    lines = ["stateDiagram-v2", f"    [*] --> {_node(CREATED.state)}"]
    arrows: dict[tuple[JobState, JobState], dict[str, None]] = {}
    for row in ROWS:
        arrows.setdefault((row.source, row.target), {})[row.event.value] = None
    for (source, target), events in arrows.items():
        lines.append(f"    {_node(source)} --> {_node(target)}: {', '.join(events)}")
    lines += [f"    {_node(state)} --> [*]" for state in JobState if state.is_terminal]
    names = [f'    state "{state.keyword}" as {_node(state)}' for state in JobState]
    return "\n".join([lines[0], *names, *lines[1:]]) + "\n"


def _node(state: JobState) -> str:
    return state.name.lower()
