"""Each persona that comes with upsim, played by a device of its own over real HTTPS.

The device waits in the office's own time, so that no test takes any; what its user and its administrator see at
Graph meanwhile is in `office.seen`.
"""

import asyncio

import pytest

from tests.support.actors import Office, Seen
from upsim.actors.simulated_printer import SimulatedPrinter
from upsim.services import personas

DEADLINE_SECONDS = 60


async def play(office: Office, name: str, jobs: int) -> SimulatedPrinter:
    """Be this printer until so many jobs have ended."""
    printer = office.printer(personas.named(name))
    await asyncio.wait_for(printer.run(jobs), DEADLINE_SECONDS)
    return printer


async def states(office: Office, ids: list[str]) -> list[str]:
    return [await office.state(job_id) for job_id in ids]


async def test_an_ideal_printer_prints_at_once(office: Office) -> None:
    ids = [await office.print(copies=2)]
    await play(office, "ideal", 1)
    assert await states(office, ids) == ["completed"]
    assert sum(office.waited) == pytest.approx(0.9)  # four sheets


async def test_a_slow_one_is_processing_for_as_long_as_it_says(office: Office) -> None:
    ids = [await office.print()]
    await play(office, "slow", 1)
    assert await states(office, ids) == ["completed"]
    assert sum(office.waited) == 14
    assert {(seen.job, seen.printer) for seen in office.seen} == {("processing", "processing")}


async def test_one_that_jams_stops_in_every_third_job(office: Office) -> None:
    ids = [await office.print() for _ in range(3)]
    await play(office, "jams", 3)
    assert await states(office, ids) == ["completed"] * 3
    jams = [seen for seen in office.seen if seen.printer == "stopped"]
    assert jams == [Seen(seconds=10, job="stopped", printer="stopped", reason="mediaJam")]
    ends = [text for text in office.said if "completed" in text or "stopped" in text]
    assert ["stopped" in text for text in ends] == [False, False, True, False]


async def test_one_that_is_out_of_paper_waits_for_somebody_with_paper(office: Office) -> None:
    ids = [await office.print(copies=4), await office.print(copies=2)]  # twelve sheets, and its tray holds ten
    await play(office, "out-of-paper", 2)
    assert await states(office, ids) == ["completed"] * 2
    empty = [seen for seen in office.seen if seen.printer == "stopped"]
    assert empty == [Seen(seconds=20, job="stopped", printer="stopped", reason="mediaEmpty")]


async def test_one_that_is_away_prints_when_it_is_back(office: Office) -> None:
    job_id = await office.print()
    moments = iter((0.0, 70.0))  # it is switched on, and then in the middle of a spell
    printer = office.printer(personas.named("offline"), clock=lambda: next(moments, office.now))
    await asyncio.wait_for(printer.run(jobs=1), DEADLINE_SECONDS)
    away = office.seen[0]
    assert (away.seconds, away.job) == (20, "pending")
    assert office.said[0] == "away for 20 s"
    assert await office.state(job_id) == "completed"


async def test_one_that_rejects_a_format_aborts_and_says_why(office: Office) -> None:
    job_id = await office.print()
    await play(office, "rejects-pdf", 1)
    path = f"/print/shares/{office.share_id}/jobs/{job_id}"
    status = (await office.user.graph("GET", path, expect=(200,), note=""))["status"]
    assert (status["state"], status["isAcquiredByPrinter"]) == ("aborted", True)
    assert any("unsupported-document-format" in text for text in office.said)


async def test_one_that_crashes_between_fetch_and_acknowledge_prints_each_job_once(office: Office) -> None:
    ids = [await office.print() for _ in range(2)]
    printer = await play(office, "crashes", 2)
    assert await states(office, ids) == ["completed"] * 2
    assert sorted(job_id for job_id, _ in printer.printed) == sorted(map(int, ids))
    (crash,) = [seen for seen in office.seen if seen.seconds == 5]
    assert crash.job == "pending"


async def test_one_that_never_acknowledges_leaves_the_job_to_be_fetched(office: Office) -> None:
    job_id = await office.print()
    printer = office.printer(personas.named("never-acknowledges"))
    await printer.start()
    assert [await printer.print_waiting(), await printer.print_waiting()] == [1, 0]
    assert await office.state(job_id) == "pending"
    assert await office.device.fetchable_jobs() == [int(job_id)]


def test_every_persona_is_played() -> None:
    played = {"ideal", "slow", "jams", "out-of-paper", "offline", "rejects-pdf", "crashes", "never-acknowledges"}
    assert set(personas.names()) == played
