"""Printers simulated inside: jobs complete by themselves, as fast as the tenant's clock moves."""

from datetime import timedelta

import pytest

from tests.support.services import ADA, TENANT_ID, World, a_worker
from upsim.domain.caller import Caller
from upsim.domain.job import JobState
from upsim.domain.persona import Persona
from upsim.domain.printer import Printer, PrinterState
from upsim.domain.refusals import Refusal
from upsim.server.worker import Worker
from upsim.services import personas, printers, simulation
from upsim.services.jobs import device as device_jobs
from upsim.services.jobs import owner


@pytest.fixture
def worker(world: World) -> Worker:
    return a_worker(world)


async def simulate(world: World, persona: Persona | str) -> None:
    await world.do(simulation.switch_on, "p1", personas.chosen(persona))


async def move(world: World, worker: Worker, seconds: float) -> None:
    now = await world.store.now(TENANT_ID)
    await worker.advance(TENANT_ID, to=now + timedelta(seconds=seconds))


async def printer(world: World) -> Printer:
    return await world.do(printers.get, "p1")


async def test_a_job_completes_by_itself_on_the_tenants_clock(world: World, worker: Worker) -> None:
    await simulate(world, Persona(first_page_seconds=10, seconds_per_page=5))
    job = await world.a_started_job()
    await worker.settle(TENANT_ID)
    taken = await world.job(job.id)
    assert (taken.state, taken.acknowledged_by) == (JobState.PROCESSING, "p1")
    assert taken.document.acknowledged_at is not None
    assert (await printer(world)).state is PrinterState.PROCESSING
    await move(world, worker, 14)
    assert (await world.job(job.id)).state is JobState.PROCESSING
    await move(world, worker, 1)
    assert (await world.job(job.id)).state is JobState.COMPLETED
    assert (await printer(world)).state is PrinterState.IDLE


async def test_jobs_are_printed_one_after_another(world: World, worker: Worker) -> None:
    await simulate(world, Persona(first_page_seconds=10, seconds_per_page=0))
    ids = [(await world.a_started_job()).id for _ in range(3)]
    await worker.settle(TENANT_ID)
    await move(world, worker, 25)
    states = [(await world.job(identifier)).state for identifier in ids]
    assert states == [JobState.COMPLETED, JobState.COMPLETED, JobState.PROCESSING]


async def test_paper_jams_and_somebody_clears_it(world: World, worker: Worker) -> None:
    await simulate(world, Persona(jams_every_jobs=1, jam_seconds=60))
    job = await world.a_started_job()
    await move(world, worker, 10)
    assert (await world.job(job.id)).state is JobState.PROCESSING_STOPPED
    stopped = await printer(world)
    assert (stopped.state, stopped.state_reasons) == (PrinterState.STOPPED, ("media-jam-error",))
    await move(world, worker, 60)
    assert (await world.job(job.id)).state is JobState.COMPLETED


async def test_a_crash_leaves_the_job_to_be_fetched_again(world: World, worker: Worker) -> None:
    await simulate(world, Persona(crashes_every_jobs=2, restart_seconds=30, first_page_seconds=1))
    first, second = await world.a_started_job(), await world.a_started_job()
    await move(world, worker, 20)
    assert (await world.job(first.id)).state is JobState.COMPLETED
    assert (await world.job(second.id)).is_fetchable
    await move(world, worker, 20)
    assert (await world.job(second.id)).state is JobState.COMPLETED


@pytest.mark.parametrize(
    ("persona", "state"), [("never-acknowledges", JobState.PENDING), ("rejects-pdf", JobState.ABORTED)]
)
async def test_printers_that_do_not_print(world: World, worker: Worker, persona: str, state: JobState) -> None:
    await simulate(world, persona)
    job = await world.a_started_job()
    await move(world, worker, 600)
    assert (await world.job(job.id)).state is state


async def test_a_printer_that_is_away_prints_when_it_is_back(world: World, worker: Worker) -> None:
    await simulate(world, "offline")
    await move(world, worker, 65)
    job = await world.a_started_job()
    await move(world, worker, 20)
    assert (await world.job(job.id)).is_fetchable
    await move(world, worker, 20)
    assert (await world.job(job.id)).state is JobState.COMPLETED


async def test_a_job_that_its_owner_cancels_stops(world: World, worker: Worker) -> None:
    await simulate(world, "slow")
    job, after = await world.a_started_job(), await world.a_started_job()
    await worker.settle(TENANT_ID)
    await world.do(owner.cancel, ADA, job.id)
    await move(world, worker, 60)
    assert (await world.job(job.id)).state is JobState.CANCELED
    assert (await world.job(after.id)).state is JobState.COMPLETED


async def test_it_can_be_switched_off(world: World, worker: Worker) -> None:
    await simulate(world, "ideal")
    await world.do(simulation.switch_off, "p1")
    job = await world.a_started_job()
    await move(world, worker, 60)
    assert (await world.job(job.id)).is_fetchable
    with pytest.raises(Refusal):
        await world.do(simulation.switch_off, "p1")
    with pytest.raises(Refusal):
        personas.named("no-such-persona")


async def test_a_job_that_is_taken_from_it_keeps_it_from_nothing(world: World, worker: Worker) -> None:
    await simulate(world, "slow")
    job = await world.a_started_job()
    await worker.settle(TENANT_ID)
    device = Caller(kind="device", tenant_id=TENANT_ID, printer_id="p1")
    await world.do(device_jobs.deregister, device, "p1")
    assert (await world.job(job.id)).acknowledged_by is None
    await move(world, worker, 120)
    assert (await world.job(job.id)).state is JobState.COMPLETED
