"""The limits, met in a few calls by a scale or by values of the test's own."""

import asyncio

import pytest

from tests.support.services import ADA, BOB, World
from upsim.domain.limits import LIMITS, LimitName, LimitSettings
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import TenantSettings
from upsim.services import documents, limits, tenants
from upsim.services.jobs import owner
from upsim.services.ports import SYSTEM


async def set_limits(world: World, **values: object) -> None:
    own = LimitSettings(**values)  # type: ignore[arg-type]
    settings = TenantSettings(limits=own)
    await world.store.write(SYSTEM, lambda tx: tenants.change_settings(tx, tx_tenant(tx), settings))


def tx_tenant(tx: object) -> str:
    return tenants.first(tx).id  # type: ignore[arg-type]


async def throttled(world: World, caller: object = ADA) -> Refusal:
    before = len(await world.every_job())
    with pytest.raises(Refusal) as refusal:
        await world.do(owner.create_on_printer, caller, "p1", {})
    assert refusal.value.kind is RefusalKind.THROTTLED
    assert len(await world.every_job()) == before
    return refusal.value


async def test_a_printer_takes_so_many_jobs_in_ten_minutes(world: World) -> None:
    await set_limits(world, own={LimitName.JOBS_PER_PRINTER: 2, LimitName.SUBMISSIONS_PER_USER: "off"})
    await world.do(owner.create_on_printer, ADA, "p1", {})
    await world.advance(minutes=4)
    await world.do(owner.create_on_printer, BOB, "p1", {})
    refusal = await throttled(world)
    assert refusal.reason == "jobs-per-printer"
    assert refusal.facts["retry_after_seconds"] == 6 * 60
    await world.advance(minutes=6)
    await world.do(owner.create_on_printer, ADA, "p1", {})  # the window rolls: the first job has left it
    await throttled(world)


async def test_a_user_has_a_limit_over_all_printers(world: World) -> None:
    await world.a_printer("p2")
    await set_limits(world, own={LimitName.JOBS_PER_USER: 2, LimitName.SUBMISSIONS_PER_USER: "off"})
    await world.do(owner.create_on_printer, ADA, "p1", {})
    await world.do(owner.create_on_printer, ADA, "p2", {})
    assert (await throttled(world)).reason == "jobs-per-user"
    await world.do(owner.create_on_printer, BOB, "p1", {})


async def test_a_submission_counts_until_it_is_started(world: World) -> None:
    await set_limits(world, own={LimitName.SUBMISSIONS_PER_USER: 1})
    job = await world.an_uploaded_job()
    assert (await throttled(world)).reason == "submissions-per-user"
    await world.do(owner.start, ADA, job.id)
    await world.do(owner.create_on_printer, ADA, "p1", {})


async def test_no_two_callers_pass_a_limit_together(world: World) -> None:
    await set_limits(world, own={LimitName.JOBS_PER_USER: 5, LimitName.SUBMISSIONS_PER_USER: "off"})
    tries = [world.do(owner.create_on_printer, ADA, "p1", {}) for _ in range(30)]
    answers = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(answer, Refusal) for answer in answers) == 5


async def test_bytes_count_in_a_window(world: World) -> None:
    await set_limits(world, own={LimitName.BYTES_PER_USER: 10})
    await world.an_uploaded_job(size_bytes=6)
    with pytest.raises(Refusal) as refusal:
        await world.an_uploaded_job(size_bytes=6)
    assert refusal.value.reason == "bytes-per-user"
    await world.advance(minutes=16)
    await world.an_uploaded_job(size_bytes=6)


async def test_a_scale_makes_published_values_small(world: World) -> None:
    await set_limits(world, scale=0.01)
    await world.do(owner.create_on_printer, ADA, "p1", {})
    assert (await throttled(world)).facts["limit"] == "jobs-per-printer"


async def test_without_limits_there_is_no_end(world: World) -> None:
    await set_limits(world, profile="off")
    for _ in range(120):
        await world.do(owner.create_on_printer, ADA, "p1", {})
    assert await world.do(limits.headroom_of_user, ADA.user_id) == []


async def test_headroom_is_what_is_left(world: World) -> None:
    await world.do(owner.create_on_printer, ADA, "p1", {})
    standing = {item.limit.name: item for item in await world.do(limits.headroom_of_printer, "p1")}
    assert (standing[LimitName.JOBS_PER_PRINTER].value, standing[LimitName.JOBS_PER_PRINTER].left) == (100, 99)
    assert standing[LimitName.SUBMISSIONS_PER_PRINTER].used == 1


def test_every_limit_names_its_source() -> None:
    assert {limit.name for limit in LIMITS} == set(LimitName)
    assert all(limit.source for limit in LIMITS)


async def test_an_exempt_printer_has_no_limits_of_its_own(world: World) -> None:
    await set_limits(world, own={LimitName.JOBS_PER_PRINTER: 1}, exempt_printers=("p1",))
    for _ in range(6):
        await world.do(owner.create_on_printer, ADA, "p1", {})


async def test_a_document_that_comes_too_late_is_refused_and_its_job_given_up(world: World) -> None:
    job = await world.do(owner.create_on_printer, ADA, "p1", {})
    await world.advance(hours=1)
    document = {"name": "a", "format": "application/pdf", "size_bytes": 1}
    with pytest.raises(Refusal, match="had to be there"):
        await world.do(documents.create_session, ADA, job.id, job.document.id, **document)
    await world.do(owner.create_on_printer, BOB, "p1", {})
    assert (await world.job(job.id)).state.keyword == "aborted"
