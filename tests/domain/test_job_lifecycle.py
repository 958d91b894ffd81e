"""The table of the job's life, against a second transcription of it."""

import contextlib

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from upsim.domain.job import JobState, Progress
from upsim.domain.job_lifecycle import CREATED, ROWS, JobEvent, advance
from upsim.domain.refusals import IllegalTransition

LIVE = [JobState.PENDING, JobState.PENDING_HELD, JobState.PROCESSING, JobState.PROCESSING_STOPPED]
ENDED = [JobState.CANCELED, JobState.ABORTED, JobState.COMPLETED]


def at(state: str, *reasons: str) -> Progress:
    return Progress(JobState[state.upper().replace("-", "_")], frozenset(reasons))


# Written from the reference, not from the table: event, before, after.
DIRECT_JOB = [
    ("receive", at("pending", "job-incoming", "job-data-insufficient"), at("pending", "job-incoming")),
    ("start", at("pending", "job-incoming"), at("pending", "job-queued")),
    ("make-fetchable", at("pending", "job-queued"), at("pending", "job-fetchable")),
    ("transform", at("pending", "job-queued"), at("pending", "job-queued", "job-transforming")),
    ("make-fetchable", at("pending", "job-queued", "job-transforming"), at("pending", "job-fetchable")),
    ("acknowledge", at("pending", "job-fetchable"), at("pending")),
    ("process", at("pending"), at("processing", "job-printing")),
    ("stop", at("processing", "job-printing"), at("processing-stopped", "printer-stopped")),
    ("process", at("processing-stopped", "printer-stopped"), at("processing", "job-printing")),
    ("complete", at("processing", "job-printing"), at("completed", "job-completed-successfully")),
]


@pytest.mark.parametrize(("event", "before", "after"), DIRECT_JOB)
def test_a_direct_job_goes_from_upload_to_completion(event: str, before: Progress, after: Progress) -> None:
    assert advance(before, JobEvent(event)) == after


def test_a_job_begins_without_its_document() -> None:
    assert at("pending", "job-incoming", "job-data-insufficient") == CREATED


@pytest.mark.parametrize(
    ("event", "standing"),
    [
        ("start", CREATED),
        ("start", at("pending", "job-queued")),
        ("receive", at("pending", "job-incoming")),
        ("make-fetchable", at("pending", "job-incoming")),
        ("acknowledge", at("pending")),
        ("acknowledge", at("pending", "job-queued")),
        ("acknowledge", at("processing", "job-printing")),
        ("process", at("pending", "job-fetchable")),
        ("complete", at("pending", "job-fetchable")),
        ("complete", at("pending", "job-incoming")),
        ("stop", at("pending", "job-queued")),
        ("transform", at("pending", "job-fetchable")),
        ("acknowledge", at("pending", "job-queued", "job-transforming")),
        ("hold", at("pending", "job-queued", "job-transforming")),
    ],
)
def test_a_move_that_the_reasons_do_not_allow_is_refused(event: str, standing: Progress) -> None:
    with pytest.raises(IllegalTransition) as refusal:
        advance(standing, JobEvent(event))
    assert event in refusal.value.detail
    assert standing.state.keyword in refusal.value.detail


@pytest.mark.parametrize("state", LIVE)
def test_every_live_state_can_be_canceled_and_aborted(state: JobState) -> None:
    assert advance(Progress(state), JobEvent.CANCEL) == at("canceled", "job-canceled-by-user")
    assert advance(Progress(state), JobEvent.ABORT) == at("aborted", "aborted-by-system")


@pytest.mark.parametrize("state", ENDED)
@pytest.mark.parametrize("event", JobEvent)
def test_no_ending_has_an_exit(state: JobState, event: JobEvent) -> None:
    with pytest.raises(IllegalTransition):
        advance(Progress(state, frozenset({"job-completed-successfully"})), event)


def test_what_the_device_reports_replaces_the_reasons() -> None:
    after = advance(
        at("processing", "job-printing"), JobEvent.COMPLETE, frozenset({"job-completed-with-warnings"})
    )
    assert after == at("completed", "job-completed-with-warnings")


def test_every_row_is_unique_and_cites_what_it_follows() -> None:
    keys = [(row.source, row.event, row.requires, row.forbids) for row in ROWS]
    assert len(keys) == len(set(keys))
    assert all(row.spec for row in ROWS)


def reachable() -> set[Progress]:
    """Every standing that some order of events leads to."""
    seen, fresh = set(), {CREATED}
    while fresh:
        seen |= fresh
        fresh = {after for standing in fresh for after in followers(standing)} - seen
    return seen


def followers(standing: Progress) -> set[Progress]:
    after = set()
    for event in JobEvent:
        with contextlib.suppress(IllegalTransition):
            after.add(advance(standing, event))
    return after


def test_no_event_meets_two_rows_wherever_a_job_can_stand() -> None:
    for standing in reachable():
        for event in JobEvent:
            rows = [row for row in ROWS if (row.source, row.event) == (standing.state, event)]
            assert sum(row.admits(standing.reasons) for row in rows) <= 1, (standing, event)


def test_every_row_can_be_reached() -> None:
    standings = reachable()
    for row in ROWS:
        assert any(row.source is standing.state and row.admits(standing.reasons) for standing in standings), row


class AnyLife(RuleBasedStateMachine):
    """Random events in random order: whatever happens, an ended job stays as it ended."""

    def __init__(self) -> None:
        super().__init__()
        self.progress = CREATED
        self.ended: Progress | None = None

    @rule(event=st.sampled_from(list(JobEvent)))
    def happens(self, event: JobEvent) -> None:
        try:
            self.progress = advance(self.progress, event)
        except IllegalTransition:
            return
        if self.progress.state.is_terminal:
            self.ended = self.ended or self.progress

    @invariant()
    def once_ended_never_moves(self) -> None:
        if self.ended is not None:
            assert self.progress == self.ended


TestAnyLife = AnyLife.TestCase
