"""Jobs as the printer's device sees them."""

import pytest

from tests.support.services import ADA, BOB, START, World, device
from upsim.domain.job import Job, JobState
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.services.jobs import device as device_jobs
from upsim.services.jobs import owner

P1 = device("p1")


async def acknowledged(world: World) -> Job:
    job = await world.a_started_job()
    return await world.do(device_jobs.acknowledge, P1, "p1", job.number)


async def test_a_started_job_is_offered_and_an_unstarted_one_is_not(world: World) -> None:
    await world.an_uploaded_job()
    job = await world.a_started_job()
    assert await world.do(device_jobs.list_jobs, "p1", which="fetchable") == [job]
    assert len(await world.do(device_jobs.list_jobs, "p1", which="not-completed")) == 2


async def test_the_list_can_be_of_one_user(world: World) -> None:
    await world.a_started_job(ADA)
    bobs = await world.a_started_job(BOB)
    found = await world.do(
        device_jobs.list_for_device, await world.printer("p1"), which="fetchable", user_name="BOB@contoso.example"
    )
    assert found == [bobs]


async def test_which_jobs_must_be_known(world: World) -> None:
    with pytest.raises(Refusal) as refusal:
        await world.do(device_jobs.list_jobs, "p1", which="mine")
    assert refusal.value.kind is RefusalKind.ATTRIBUTES_UNSUPPORTED


async def test_fetching_changes_nothing(world: World) -> None:
    job = await world.a_started_job()
    assert await world.do(device_jobs.fetch, P1, "p1", job.number) == job
    assert await world.job(job.id) == job


async def test_acknowledging_takes_the_job_once(world: World) -> None:
    job = await acknowledged(world)
    assert (job.acknowledged_by, job.acknowledged_at) == ("p1", START)
    assert not job.is_fetchable
    for verb in (device_jobs.acknowledge, device_jobs.fetch):
        with pytest.raises(Refusal) as refusal:
            await world.do(verb, P1, "p1", job.number)
        assert refusal.value.kind is RefusalKind.NOT_FETCHABLE
    assert await world.job(job.id) == job


async def test_a_device_reaches_only_its_own_printer(world: World) -> None:
    await world.a_printer("p2")
    job = await world.a_started_job()
    with pytest.raises(Refusal) as refusal:
        await world.do(device_jobs.acknowledge, device("p2"), "p1", job.number)
    assert refusal.value.reason == "printer-of-another-device"
    with pytest.raises(NotFound):
        await world.do(device_jobs.acknowledge, device("p2"), "p2", job.number)
    assert await world.job(job.id) == job


async def test_the_document_may_be_read_before_the_job_is_taken(world: World) -> None:
    job = await world.a_started_job()
    read = await world.do(device_jobs.fetch_document, P1, "p1", job.number, 1)
    assert read.document.downloaded_at == START
    assert read.is_fetchable


async def test_there_is_no_second_document(world: World) -> None:
    job = await world.a_started_job()
    with pytest.raises(Refusal) as refusal:
        await world.do(device_jobs.fetch_document, P1, "p1", job.number, 2)
    assert refusal.value.kind is RefusalKind.INVALID


async def test_a_device_reports_from_processing_to_the_end(world: World) -> None:
    job = await acknowledged(world)
    seen = []
    for state, reasons in [(5, ["job-printing"]), (6, ["media-jam"]), (5, []), (9, ["none"])]:
        job = await world.do(device_jobs.update_status, P1, "p1", job.number, state=state, reasons=reasons)
        seen.append(str(job.progress))
    assert seen == [
        "processing job-printing",
        "processing-stopped media-jam",
        "processing job-printing",
        "completed job-completed-successfully",
    ]
    assert job.ended_at == START


@pytest.mark.parametrize(
    ("state", "standing"),
    [(7, "canceled job-canceled-at-device"), (8, "aborted aborted-by-system")],
)
async def test_a_device_may_cancel_or_abort(world: World, state: int, standing: str) -> None:
    job = await acknowledged(world)
    job = await world.do(device_jobs.update_status, P1, "p1", job.number, state=state)
    assert str(job.progress) == standing


async def test_a_report_needs_an_acknowledged_job(world: World) -> None:
    job = await world.a_started_job()
    with pytest.raises(Refusal) as refusal:
        await world.do(device_jobs.update_status, P1, "p1", job.number, state=5)
    assert refusal.value.reason == "not-acknowledged"
    assert await world.job(job.id) == job


async def test_a_finished_job_takes_only_the_same_report_again(world: World) -> None:
    job = await acknowledged(world)
    job = await world.do(device_jobs.update_status, P1, "p1", job.number, state=9)
    assert await world.do(device_jobs.update_status, P1, "p1", job.number, state=9) == job
    with pytest.raises(Refusal) as refusal:
        await world.do(device_jobs.update_status, P1, "p1", job.number, state=8)
    assert refusal.value.reason == "job-ended"
    assert (await world.job(job.id)).state is JobState.COMPLETED


async def test_a_canceled_job_is_no_longer_offered(world: World) -> None:
    job = await world.a_started_job()
    await world.do(owner.cancel, ADA, job.id)
    assert await world.do(device_jobs.list_jobs, "p1", which="fetchable") == []
    with pytest.raises(Refusal):
        await world.do(device_jobs.acknowledge, P1, "p1", job.number)
