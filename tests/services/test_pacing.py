"""States of jobs and printers as a test wants them: held, stepped, forced, timed, moved by being looked at."""

from datetime import timedelta

import pytest

from tests.support.services import ADA, START, TENANT_ID, World, a_worker, device
from upsim.domain.attributes import ENUM, KEYWORD, many, one
from upsim.domain.job import JOB_FETCHABLE, JOB_QUEUED, Job, JobState
from upsim.domain.pacing import Pace
from upsim.domain.persona import Persona
from upsim.domain.printer import PrinterState
from upsim.domain.refusals import Refusal
from upsim.domain.tenant import JobSettings, TenantSettings
from upsim.server.worker import Worker
from upsim.services import printer_states, printers, simulation, tenants
from upsim.services.jobs import device as device_jobs
from upsim.services.jobs import owner, pacing
from upsim.services.ports import SYSTEM

MANUAL = Pace(mode="manual")
COURSE = ["pending", "pending", "processing", "completed"]


@pytest.fixture
def worker(world: World) -> Worker:
    return a_worker(world)


async def move(world: World, worker: Worker, seconds: float) -> None:
    now = await world.store.now(TENANT_ID)
    await worker.advance(TENANT_ID, to=now + timedelta(seconds=seconds))


async def a_queued_job(world: World, pace: Pace = MANUAL) -> Job:
    """A started job on a printer whose jobs have this pace."""
    await world.do(pacing.set_pace_of_printer, "p1", pace)
    return await world.a_started_job()


async def test_a_held_job_waits_is_stepped_to_its_end_and_has_no_step_after(world: World) -> None:
    job = await a_queued_job(world)
    assert job.progress.reasons == {JOB_QUEUED}
    offered = await world.do(pacing.step, job.id)
    assert offered.progress.reasons == {JOB_FETCHABLE}
    states = [offered.state.keyword]
    states += [(await world.do(pacing.step, job.id)).state.keyword for _ in range(3)]
    assert states == COURSE
    ended = await world.job(job.id)
    assert (ended.acknowledged_by, ended.ended_at) == ("p1", START)
    with pytest.raises(Refusal, match="no next move"):
        await world.do(pacing.step, job.id)


async def test_a_held_job_that_is_let_go_is_offered_and_its_device_does_the_rest(world: World) -> None:
    job = await a_queued_job(world)
    assert (await world.do(pacing.set_pace, job.id, None)).is_fetchable
    await world.do(device_jobs.fetch, device("p1"), "p1", job.number)
    await world.do(device_jobs.acknowledge, device("p1"), "p1", job.number)
    assert (await world.job(job.id)).acknowledged_by == "p1"


async def test_a_user_may_cancel_a_held_job(world: World) -> None:
    job = await a_queued_job(world)
    assert (await world.do(owner.cancel, ADA, job.id)).state is JobState.CANCELED


async def test_timed_moves_come_on_the_tenants_clock(world: World, worker: Worker) -> None:
    job = await a_queued_job(world, Pace(mode="timed", seconds=10))
    states = []
    await move(world, worker, 9)
    assert (await world.job(job.id)).progress.reasons == {JOB_QUEUED}
    await move(world, worker, 1)
    for _ in COURSE:
        states.append((await world.job(job.id)).state.keyword)
        await move(world, worker, 10)
    assert states == COURSE
    assert (await world.job(job.id)).ended_at == START + timedelta(seconds=40)


async def test_a_pace_up_to_fetchable_leaves_the_rest_to_the_device(world: World, worker: Worker) -> None:
    job = await a_queued_job(world, Pace(mode="timed", seconds=10, up_to="fetchable"))
    await move(world, worker, 1000)
    assert (await world.job(job.id)).is_fetchable


async def test_the_nth_look_moves_a_job(world: World) -> None:
    job = await a_queued_job(world, Pace(mode="reads", reads=2))
    seen = []
    for _ in range(10):
        await world.do(pacing.looked_at, job.id)
        standing = await world.job(job.id)
        seen.append("queued" if standing.is_queued else standing.state.keyword)
    assert seen == ["queued", *(state for state in COURSE for _ in range(2)), "completed"]


async def test_a_forced_state_is_reached_by_the_moves_that_lead_there(world: World) -> None:
    job = await a_queued_job(world)
    done = await world.do(
        pacing.force, job.id, JobState.COMPLETED, ["job-completed-with-warnings"], allow_illegal=False
    )
    assert done.progress.reasons == {"job-completed-with-warnings"}
    assert (done.acknowledged_by, done.processing_at, done.ended_at) == ("p1", None, START)


async def test_an_illegal_state_must_be_asked_for_by_name(world: World) -> None:
    job = await a_queued_job(world)
    await world.do(owner.cancel, ADA, job.id)
    with pytest.raises(Refusal, match=r"No legal moves lead from canceled .* to processing"):
        await world.do(pacing.force, job.id, JobState.PROCESSING, (), allow_illegal=False)
    assert (await world.job(job.id)).state is JobState.CANCELED
    back = await world.do(pacing.force, job.id, JobState.PROCESSING, (), allow_illegal=True)
    assert (back.state, back.progress.reasons, back.ended_at) == (JobState.PROCESSING, {"job-printing"}, None)
    # From there on the table rules again.
    assert (await world.do(pacing.step, job.id)).state is JobState.COMPLETED


async def test_without_a_document_no_legal_move_leads_to_completed(world: World) -> None:
    job = await world.do(owner.create_on_printer, ADA, "p1", {})
    with pytest.raises(Refusal, match="allowIllegal"):
        await world.do(pacing.force, job.id, JobState.COMPLETED, (), allow_illegal=False)


async def test_a_simulated_device_leaves_a_held_job_alone_and_goes_on_when_it_is_let_go(
    world: World, worker: Worker
) -> None:
    await world.do(simulation.switch_on, "p1", Persona(first_page_seconds=10, seconds_per_page=0))
    held, other = await world.a_started_job(), await world.a_started_job()
    await worker.settle(TENANT_ID)
    await world.do(pacing.set_pace, held.id, MANUAL)
    await move(world, worker, 1000)
    assert (await world.job(held.id)).state is JobState.PROCESSING
    await world.do(pacing.set_pace, held.id, None)
    await move(world, worker, 1000)
    assert [(await world.job(each.id)).state for each in (held, other)] == [JobState.COMPLETED] * 2


async def test_a_job_that_is_forced_is_no_longer_the_simulated_devices(world: World, worker: Worker) -> None:
    await world.do(simulation.switch_on, "p1", Persona(first_page_seconds=10, seconds_per_page=0))
    first, second = await world.a_started_job(), await world.a_started_job()
    await worker.settle(TENANT_ID)
    await world.do(pacing.force, first.id, JobState.ABORTED, (), allow_illegal=False)
    await move(world, worker, 1000)
    assert [(await world.job(each.id)).state.keyword for each in (first, second)] == ["aborted", "completed"]


async def test_a_simulated_device_is_stepped(world: World, worker: Worker) -> None:
    await world.do(simulation.switch_on, "p1", Persona(first_page_seconds=1000, seconds_per_page=0))
    job = await world.a_started_job()
    await worker.settle(TENANT_ID)
    for _ in range(20):
        if (await world.job(job.id)).state is JobState.COMPLETED:
            break
        await world.do(simulation.step, "p1")
    assert (await world.job(job.id)).state is JobState.COMPLETED
    assert await world.store.now(TENANT_ID) == START


def reported(state: PrinterState, reason: str) -> dict[str, object]:
    return {"printer-state": one(ENUM, int(state)), "printer-state-reasons": many(KEYWORD, [reason])}


async def test_a_held_printer_state_stands_whatever_the_device_reports_until_it_is_let_go(world: World) -> None:
    await world.do(printer_states.force, "p1", PrinterState.STOPPED, ["media-jam-error"], hold=True)
    described = await world.do(printers.describe, "p1", reported(PrinterState.IDLE, "toner-low-report"))
    assert (described.state, described.state_reasons) == (PrinterState.STOPPED, ("media-jam-error",))
    free = await world.do(printer_states.let_go, "p1")
    assert (free.state, free.state_reasons) == (PrinterState.IDLE, ("toner-low-report",))


async def test_a_printer_state_that_contradicts_its_jobs_must_be_asked_for_by_name(world: World) -> None:
    with pytest.raises(Refusal, match="while no job of it is processing"):
        await world.do(printer_states.force, "p1", PrinterState.PROCESSING)
    forced = await world.do(printer_states.force, "p1", PrinterState.PROCESSING, allow_illegal=True)
    assert forced.state is PrinterState.PROCESSING
    job = await a_queued_job(world)
    await world.do(pacing.force, job.id, JobState.PROCESSING, (), allow_illegal=False)
    with pytest.raises(Refusal, match="while a job of it is processing"):
        await world.do(printer_states.force, "p1", PrinterState.IDLE)
    # Not held: what the device reports counts.
    told = await world.do(printers.describe, "p1", reported(PrinterState.STOPPED, "paused"))
    assert told.state is PrinterState.STOPPED


async def test_a_job_held_by_its_owner_is_not_stepped(world: World) -> None:
    job = await a_queued_job(world)
    await world.do(pacing.force, job.id, JobState.PENDING_HELD, (), allow_illegal=False)
    with pytest.raises(Refusal, match="no next move"):
        await world.do(pacing.step, job.id)


async def test_the_tenants_pace_holds_jobs_to_come_unless_their_printer_has_its_own(world: World) -> None:
    before = await world.a_started_job()
    choice = TenantSettings(jobs=JobSettings(pace=MANUAL))
    await world.store.write(SYSTEM, lambda tx: tenants.change_settings(tx, TENANT_ID, choice))
    held = await world.a_started_job()
    assert (before.progress.reasons, held.progress.reasons) == ({JOB_FETCHABLE}, {JOB_QUEUED})
    await world.do(pacing.set_pace_of_printer, "p1", Pace(mode="automatic"))
    assert (await world.job(held.id)).is_fetchable, "those of the printer are let go"
    assert (await world.a_started_job()).is_fetchable
    await world.do(pacing.set_pace_of_printer, "p1", None)
    assert (await world.a_started_job()).progress.reasons == {JOB_QUEUED}
