"""Jobs as their owners see them."""

import pytest

from tests.support.services import ADA, ADMIN, BOB, START, World, device
from upsim.domain.caller import Caller
from upsim.domain.job import JobState
from upsim.domain.refusals import IllegalTransition, NotFound, Refusal, RefusalKind
from upsim.services.jobs import owner, visibility


async def test_a_new_job_waits_for_its_document(world: World) -> None:
    job = await world.do(owner.create_on_printer, ADA, "p1", {})
    assert (job.id, job.state) == ("1", JobState.PENDING)
    assert job.progress.reasons == {"job-incoming", "job-data-insufficient"}
    assert job.created_at == START
    assert job.created_by.user_principal_name == "ada@contoso.example"


async def test_job_ids_are_numbers_that_go_up(world: World) -> None:
    made = [await world.do(owner.create_on_printer, ADA, "p1", {}) for _ in range(3)]
    assert [job.number for job in made] == [1, 2, 3]


async def test_a_started_job_is_fetchable(world: World) -> None:
    job = await world.a_started_job()
    assert job.is_fetchable
    assert job.started_at == job.fetchable_at == START


async def test_a_job_without_its_document_cannot_start(world: World) -> None:
    job = await world.do(owner.create_on_printer, ADA, "p1", {})
    with pytest.raises(Refusal) as refusal:
        await world.do(owner.start, ADA, job.id)
    assert refusal.value.reason == "upload-pending"
    assert await world.job(job.id) == job


async def test_a_job_starts_once(world: World) -> None:
    job = await world.a_started_job()
    with pytest.raises(IllegalTransition):
        await world.do(owner.start, ADA, job.id)
    assert await world.job(job.id) == job


async def test_an_ended_job_cannot_be_canceled_again(world: World) -> None:
    job = await world.a_started_job()
    canceled = await world.do(owner.cancel, ADA, job.id)
    assert canceled.state is JobState.CANCELED
    with pytest.raises(IllegalTransition):
        await world.do(owner.cancel, ADA, job.id)


async def test_another_user_neither_sees_nor_cancels_a_job(world: World) -> None:
    job = await world.a_started_job(ADA)
    for verb in (visibility.get, owner.cancel, owner.start):
        with pytest.raises(Refusal) as refusal:
            await world.do(verb, BOB, job.id)
        assert refusal.value.kind is RefusalKind.FORBIDDEN
    assert await world.do(visibility.list_for_printer, BOB, "p1") == []
    assert await world.job(job.id) == job


async def test_an_administrator_with_an_all_permission_sees_every_job(world: World) -> None:
    job = await world.a_started_job(ADA)
    assert await world.do(visibility.get, ADMIN, job.id) == job
    assert await world.do(visibility.list_for_printer, ADMIN, "p1") == [job]


async def test_the_oldest_jobs_of_a_share_are_listed_without_the_others(world: World) -> None:
    share = await world.a_share()
    made = []
    for _ in range(4):
        made.append(await world.do(owner.create_on_share, ADA, share.id, {}))
        await world.advance(seconds=1)
    assert await world.do(visibility.list_at, ADA, share_id=share.id, limit=2) == made[:2]
    assert await world.do(visibility.list_at, ADMIN, printer_id="p1", limit=3) == made[:3]
    assert await world.do(visibility.list_at, ADA, share_id=share.id) == made


async def test_a_job_is_not_found_under_another_printer(world: World) -> None:
    await world.a_printer("p2")
    job = await world.a_started_job()
    with pytest.raises(NotFound):
        await world.do(visibility.get, ADA, job.id, printer_id="p2")
    with pytest.raises(NotFound):
        await world.do(visibility.get, ADA, job.id, printer_id="p3")


@pytest.mark.parametrize("caller", [device("p1"), Caller(kind="application", app_id="a")])
async def test_only_users_print(world: World, caller: Caller) -> None:
    with pytest.raises(Refusal) as refusal:
        await world.do(owner.create_on_printer, caller, "p1", {})
    assert refusal.value.reason == "user-needed"
    assert await world.every_job() == []


async def test_a_printer_that_accepts_no_jobs_gets_none(world: World) -> None:
    await world.a_printer("busy", is_accepting_jobs=False)
    with pytest.raises(Refusal) as refusal:
        await world.do(owner.create_on_printer, ADA, "busy", {})
    assert refusal.value.kind is RefusalKind.NOT_ACCEPTING


async def test_a_share_admits_only_whom_it_names(world: World) -> None:
    share = await world.a_share(allow_all_users=False)
    with pytest.raises(Refusal) as refusal:
        await world.do(owner.create_on_share, ADA, share.id, {})
    assert refusal.value.reason == "share-access"
    assert await world.every_job() == []


async def test_a_job_of_a_share_is_seen_through_both(world: World) -> None:
    share = await world.a_share()
    job = await world.do(owner.create_on_share, ADA, share.id, {})
    assert await world.do(visibility.get, ADA, job.id, share_id=share.id) == job
    assert await world.do(visibility.get, ADA, job.id, printer_id="p1") == job
    assert await world.do(visibility.list_for_share, ADA, share.id) == [job]
