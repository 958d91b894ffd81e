"""Every state and every reason that the table of the job's life knows has its sentence."""

import pytest

from upsim.domain.job import JobState, Progress
from upsim.domain.job_lifecycle import CREATED, ROWS, as_diagram
from upsim.domain.job_reasons import REASONS, STATES, explanation
from upsim.domain.persona import Persona, script

TABLED = sorted(CREATED.reasons.union(*(row.adds | row.requires for row in ROWS)))
VALUES = dict.fromkeys(
    ("job", "printer", "path", "document", "user", "tenant", "task", "definition", "reason", "until", "pace"), "x"
)


@pytest.mark.parametrize("reason", TABLED)
def test_every_reason_of_the_table_has_its_sentence(reason: str) -> None:
    assert reason in REASONS


@pytest.mark.parametrize("state", JobState)
def test_every_state_has_its_sentence_for_reasons_of_a_device(state: JobState) -> None:
    assert explanation(Progress(state, frozenset({"vendor-reason"}))) is STATES[state]
    assert (STATES[state].turn == "nobody") == state.is_terminal


def test_every_reason_that_a_simulated_device_reports_has_its_sentence() -> None:
    persona = Persona(rejects_formats=frozenset({"application/pdf"}), paper_sheets=1, jams_every_jobs=1)
    steps = [step for name in ("application/pdf", "image/urf") for step in script(persona, 1, 3, 1, name)]
    reported = {step.reason for step in steps if step.act.name == "JOB"}
    assert {"unsupported-document-format", "printer-stopped", "job-printing"} <= reported <= REASONS.keys()


@pytest.mark.parametrize("name", [*REASONS, *(state.keyword for state in JobState)])
def test_whoever_has_a_turn_is_told_the_call(name: str) -> None:
    found = REASONS.get(name) or STATES[JobState[name.upper().replace("-", "_")]]
    assert found.waits_for.format(**VALUES).endswith(".")
    assert bool(found.moves) == (found.turn != "nobody")
    assert all(move.format(**VALUES) for move in found.moves)


def test_an_ended_job_with_a_reason_of_a_live_one_waits_for_nothing() -> None:
    assert explanation(Progress(JobState.ABORTED, frozenset({"job-printing"}))).turn == "nobody"


def test_the_diagram_has_an_arrow_for_every_row() -> None:
    lines = as_diagram().splitlines()
    for row in ROWS:
        arrow = f"    {row.source.name.lower()} --> {row.target.name.lower()}: "
        (line,) = [line for line in lines if line.startswith(arrow)]
        assert row.event.value in line.removeprefix(arrow).split(", ")
