"""Universal Print Anywhere: jobs of a pull-print printer, released at its members, in raw bytes."""

import asyncio
from typing import Any

import pytest

from tests.support.ipp import raw
from tests.support.ipp.held_jobs import WHICH, by, get_jobs, ids, on_job
from tests.support.ipp.raw import ENUM, INTEGER, JOB, OPERATION, PRINTER
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADA, ADMIN, BOB, OTHER_PRINTER, PDF, IppSite, caller_of
from tests.support.ipp.site import PRINTER as MEMBER
from upsim.domain.job import Job, JobState
from upsim.domain.printer import Printer
from upsim.domain.pull_print import PrintOptions
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services import pull_printing, reports, shares
from upsim.services.jobs import owner, secure_release

STRANGER = "b10a8958-13f4-4044-a09b-a372e8990a6b"


class Anywhere:
    """A pull-print printer with two members and a share, and a third printer that is no member."""

    def __init__(self, ipp: IppSite, queue: str, share: str, tokens: dict[str, str]) -> None:
        self.ipp, self.queue, self.share, self.tokens = ipp, queue, share, tokens

    async def ask(self, body: bytes, printer_id: str = MEMBER) -> raw.Answer:
        return await self.ipp.ask(body, self.tokens[printer_id])

    async def a_job(self, user: Any = ADA) -> Job:
        return await self.ipp.a_started_job(user, share_id=self.share)

    async def see(self, printer_id: str, user: Any = ADA) -> list[Any]:
        return ids(await self.ask(get_jobs("fetchable", user, raw.of_device(printer_id)), printer_id))

    async def on(self, operation: int, job: Job, *parts: bytes, at: str = MEMBER) -> raw.Answer:
        return await self.ask(on_job(operation, job, *parts, who=raw.of_device(at)), at)


@pytest.fixture
async def anywhere(ipp: IppSite) -> Anywhere:
    for printer_id in (OTHER_PRINTER, STRANGER):
        await ipp.a_printer(printer_id)
    _, queue = await ipp.do(
        pull_printing.create, "Contoso Pull Print", PrintOptions(), member_names=(MEMBER, OTHER_PRINTER)
    )
    share, _ = await ipp.do(shares.create, display_name="Pull", printer_id=queue.id, allow_all_users=True)
    tokens = {each: await ipp.device_token(each) for each in (MEMBER, OTHER_PRINTER, STRANGER)}
    return Anywhere(ipp, queue.id, share.id, tokens)


async def test_a_member_sees_the_users_jobs_together_with_direct_ones(anywhere: Anywhere) -> None:
    waiting = await anywhere.a_job(ADA)
    others = await anywhere.a_job(BOB)
    direct = await anywhere.ipp.a_started_job(ADA)
    assert str(waiting.progress) == "pending-held job-held-for-release"
    assert await anywhere.see(MEMBER) == [waiting.number, direct.number]
    assert await anywhere.see(OTHER_PRINTER) == [waiting.number]
    assert await anywhere.see(OTHER_PRINTER, BOB) == [others.number]
    assert await anywhere.see(OTHER_PRINTER, ADMIN) == []


async def test_without_the_user_and_without_membership_there_is_nothing(anywhere: Anywhere) -> None:
    job = await anywhere.a_job()
    for which in WHICH:
        assert ids(await anywhere.ask(get_jobs(which))) == []
    assert await anywhere.see(STRANGER) == []
    for operation in (raw.FETCH_JOB, raw.ACKNOWLEDGE_JOB):
        assert (await anywhere.on(operation, job)).status == raw.NOT_FOUND
        assert (await anywhere.on(operation, job, by(ADA), at=STRANGER)).status == raw.NOT_FOUND
        assert (await anywhere.on(operation, job, by(BOB))).status == raw.NOT_AUTHORIZED
    assert await anywhere.ipp.job(job.id) == job


@pytest.mark.parametrize("is_previewed", [True, False])
async def test_acknowledging_releases_at_that_member(anywhere: Anywhere, is_previewed: bool) -> None:
    job = await anywhere.a_job()
    number = a(INTEGER, "document-number", 1)
    fetched = await anywhere.on(raw.FETCH_JOB, job, by(ADA))
    assert fetched.value(JOB, "job-state") == JobState.PENDING_HELD
    if is_previewed:
        assert (await anywhere.on(raw.FETCH_DOCUMENT, job, by(ADA), number)).document == PDF
        assert await anywhere.see(OTHER_PRINTER) == [job.number]
    assert (await anywhere.on(raw.ACKNOWLEDGE_JOB, job, by(ADA))).status == raw.OK
    assert await anywhere.see(OTHER_PRINTER) == []
    assert (await anywhere.on(raw.FETCH_DOCUMENT, job, number)).document == PDF
    active = a(INTEGER, "job-ids", job.number) + a(ENUM, "output-device-job-states", 5)
    told = await anywhere.ask(raw.request(raw.UPDATE_ACTIVE_JOBS, raw.of_device(MEMBER), active))
    assert told.value(OPERATION, "output-device-job-states") == JobState.PENDING
    done = await anywhere.on(raw.UPDATE_JOB_STATUS, job, JOB, a(ENUM, "output-device-job-state", 9))
    assert done.status == raw.OK
    ended = await anywhere.ipp.job(job.id)
    assert (ended.state, ended.printer_id, ended.place) == (JobState.COMPLETED, anywhere.queue, MEMBER)
    assert ids(await anywhere.ask(get_jobs("completed"))) == [job.number]


async def test_two_members_race_and_one_wins(anywhere: Anywhere) -> None:
    for _ in range(5):
        job = await anywhere.a_job()
        answers = await asyncio.gather(
            *[anywhere.on(raw.ACKNOWLEDGE_JOB, job, by(ADA), at=each) for each in (MEMBER, OTHER_PRINTER)]
        )
        assert sorted(answer.status for answer in answers) == [raw.OK, raw.NOT_FETCHABLE]
        winner = (MEMBER, OTHER_PRINTER)[[answer.status for answer in answers].index(raw.OK)]
        assert (await anywhere.ipp.job(job.id)).acknowledged_by == winner


async def test_the_loser_meets_the_status_that_the_tenant_chose(anywhere: Anywhere) -> None:
    await anywhere.ipp.settings(ipp={"not_fetchable_status": "not-possible"})
    job = await anywhere.a_job()
    await anywhere.on(raw.ACKNOWLEDGE_JOB, job, by(ADA))
    for operation in (raw.FETCH_JOB, raw.ACKNOWLEDGE_JOB):
        lost = await anywhere.on(operation, job, by(ADA), at=OTHER_PRINTER)
        assert lost.status == raw.NOT_POSSIBLE


async def test_a_phone_releases_at_a_member(anywhere: Anywhere) -> None:
    job = await anywhere.a_job()
    for printer_id in (None, STRANGER):
        with pytest.raises(Refusal):
            await anywhere.ipp.do(secure_release.release, ADA, job.id, printer_id)
    await anywhere.ipp.do(secure_release.release, ADA, job.id, OTHER_PRINTER)
    assert await anywhere.see(MEMBER) == []
    assert ids(await anywhere.ask(get_jobs("fetchable", None, raw.of_device(OTHER_PRINTER)), OTHER_PRINTER)) == [
        job.number
    ]
    assert (await anywhere.on(raw.ACKNOWLEDGE_JOB, job, at=OTHER_PRINTER)).status == raw.OK


async def test_every_configured_printer_is_a_member_by_a_switch(anywhere: Anywhere) -> None:
    job = await anywhere.a_job()
    await anywhere.ipp.do(pull_printing.change, anywhere.queue, all_printers=True)
    assert await anywhere.see(STRANGER) == []  # registered, but its device has not described itself
    described = raw.request(
        raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, raw.of_device(STRANGER), PRINTER, a(ENUM, "printer-state", 3)
    )
    assert (await anywhere.ask(described, STRANGER)).status == raw.OK
    assert await anywhere.see(STRANGER) == [job.number]
    await anywhere.ipp.do(pull_printing.change, anywhere.queue, all_printers=False)
    assert await anywhere.see(STRANGER) == []


async def test_a_printer_may_belong_to_several(anywhere: Anywhere) -> None:
    first = await anywhere.a_job()
    _, other = await anywhere.ipp.do(pull_printing.create, "Second", PrintOptions(), member_names=(MEMBER,))
    second = await anywhere.ipp.a_started_job(ADA, printer_id=other.id)
    assert await anywhere.see(MEMBER) == [first.number, second.number]
    await anywhere.ipp.do(pull_printing.remove_member, anywhere.queue, MEMBER)
    assert await anywhere.see(MEMBER) == [second.number]


async def test_a_member_that_goes_away_gives_the_job_back(anywhere: Anywhere) -> None:
    job = await anywhere.a_job()
    await anywhere.on(raw.ACKNOWLEDGE_JOB, job, by(ADA))
    gone = raw.request(raw.DEREGISTER_OUTPUT_DEVICE, raw.of_device(MEMBER))
    assert (await anywhere.ask(gone)).status == raw.OK
    assert await anywhere.see(OTHER_PRINTER) == [job.number]


async def test_bad_set_ups(anywhere: Anywhere) -> None:
    do = anywhere.ipp.do
    refusals = [
        (RefusalKind.INVALID, pull_printing.add_member, anywhere.queue, anywhere.queue),
        (RefusalKind.NOT_FOUND, pull_printing.add_member, anywhere.queue, "no such printer"),
        (RefusalKind.NOT_FOUND, pull_printing.add_member, MEMBER, STRANGER),
        (RefusalKind.NOT_FOUND, pull_printing.remove_member, anywhere.queue, STRANGER),
        (RefusalKind.CONFLICTING, pull_printing.add_member, anywhere.queue, "Lab"),
        (RefusalKind.INVALID, pull_printing.create, " ", PrintOptions()),
        (RefusalKind.INVALID, pull_printing.create, "x", PrintOptions(formats=())),
        (RefusalKind.ALREADY_EXISTS, pull_printing.delete, anywhere.queue),
    ]
    for kind, verb, *arguments in refusals:
        with pytest.raises(Refusal) as refusal:
            await do(verb, *arguments)
        assert refusal.value.kind is kind
    assert [each.id for each in await do(pull_printing.list_all)] == [anywhere.queue]


async def test_a_deleted_queue_aborts_what_waits_and_a_deleted_member_is_none(anywhere: Anywhere) -> None:
    job = await anywhere.a_job()
    await anywhere.ipp.do(lambda tx: pull_printing.printer_removal.delete(tx, OTHER_PRINTER))
    assert (await anywhere.ipp.do(pull_printing.get, anywhere.queue)).members == (MEMBER,)
    await anywhere.ipp.do(shares.delete, anywhere.share)
    await anywhere.ipp.do(pull_printing.delete, anywhere.queue)
    assert (await anywhere.ipp.job(job.id)).state is JobState.ABORTED
    assert await anywhere.ipp.do(lambda tx: tx.get(Printer, anywhere.queue)) is None


async def test_reports_name_the_printer_that_printed(anywhere: Anywhere) -> None:
    job = await anywhere.a_job()
    await anywhere.on(raw.ACKNOWLEDGE_JOB, job, by(ADA))
    await anywhere.on(raw.UPDATE_JOB_STATUS, job, JOB, a(ENUM, "output-device-job-state", 9))
    rows = await anywhere.ipp.do(reports.usage, caller_of(ADMIN), "printer", "day")
    assert [(row.subject, row.completed_color + row.completed_black_and_white) for row in rows] == [(MEMBER, 1)]


async def test_a_burst_that_one_queue_refuses_passes_anywhere(anywhere: Anywhere) -> None:
    """A whole tenant prints at once: 120 jobs in ten minutes, of two users."""
    virtual = (await anywhere.ipp.a_printer(STRANGER, has_physical_device=False)).id

    async def burst(printer_id: str) -> tuple[int, str]:
        for number in range(120):
            try:
                user = caller_of((ADA, BOB)[number % 2])
                job = await anywhere.ipp.do(owner.create_on_printer, user, printer_id, {})
                await anywhere.ipp.do(owner.cancel, user, job.id)
            except Refusal as refusal:
                return number, refusal.reason
        return 120, ""

    assert await burst(virtual) == (100, "jobs-per-printer")
    assert await burst(anywhere.queue) == (120, "")
