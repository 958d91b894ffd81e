"""What each persona does with a job, step by step."""

import pytest

from upsim.domain.job import JobState
from upsim.domain.persona import Act, Persona, Step, next_spell, script
from upsim.services import personas

PDF = "application/pdf"


def acts(steps: tuple[Step, ...]) -> list[str]:
    return [step.act.value for step in steps]


def lasts(steps: tuple[Step, ...]) -> float:
    return round(sum(step.after_seconds for step in steps), 3)


@pytest.mark.parametrize("name", personas.names())
def test_each_persona_says_what_it_is_like(name: str) -> None:
    assert personas.named(name).description.endswith(".")


def test_an_ideal_printer_takes_its_time_for_each_page() -> None:
    steps = script(personas.named("ideal"), 1, 3, 0, PDF)
    assert acts(steps)[:5] == ["fetch", "acknowledge", "document", "printer", "job"]
    assert (steps[-2].state, steps[-2].sheets) == (JobState.COMPLETED, 3)
    assert lasts(steps) == 0.8


def test_a_long_job_is_reported_on_a_bounded_number_of_times() -> None:
    steps = script(Persona(first_page_seconds=0, seconds_per_page=1), 1, 1000, 0, PDF)
    assert len(steps) < 30
    assert lasts(steps) == 1000


def test_paper_jams_in_every_third_job() -> None:
    jams = personas.named("jams")
    reasons = [{step.reason for step in script(jams, ordinal, 4, 0, PDF)} for ordinal in (1, 2, 3, 6)]
    assert ["media-jam-error" in each for each in reasons] == [False, False, True, True]
    states = [step.state for step in script(jams, 3, 4, 0, PDF) if step.act is Act.JOB]
    stopped = states.index(JobState.PROCESSING_STOPPED)
    assert states[stopped + 1] == JobState.PROCESSING
    assert states[-1] == JobState.COMPLETED


def test_an_empty_tray_is_filled_and_what_is_left_is_remembered() -> None:
    persona = Persona(paper_sheets=10, refill_seconds=20)
    steps = script(persona, 1, 12, 4, PDF)
    assert [step.reason for step in steps if step.reason == "media-empty-error"] == ["media-empty-error"]
    assert [step.sheets for step in steps if step.act is Act.TRAY] == [10, 2]


def test_a_format_that_it_cannot_read_aborts_the_job() -> None:
    persona = personas.named("rejects-pdf")
    last = script(persona, 1, 1, 0, PDF)[-1]
    assert (last.state, last.reason) == (JobState.ABORTED, "unsupported-document-format")
    assert script(persona, 1, 1, 0, "image/pwg-raster")[-2].state == JobState.COMPLETED


def test_it_crashes_between_fetch_and_acknowledge_and_may_never_acknowledge() -> None:
    crashes = personas.named("crashes")
    assert [acts(script(crashes, ordinal, 1, 0, PDF))[:2] for ordinal in (1, 2, 3)] == [
        ["fetch", "acknowledge"],
        ["fetch", "crash"],
        ["fetch", "acknowledge"],
    ]
    assert acts(script(personas.named("never-acknowledges"), 1, 1, 0, PDF)) == ["fetch"]


def test_offline_spells_come_in_turn() -> None:
    persona = Persona(online_seconds=60, offline_seconds=30)
    assert [next_spell(persona, at) for at in (0, 59, 60, 75, 90, 150)] == [0, 0, 30, 15, 0, 30]
    assert next_spell(Persona(), 1e9) == 0
