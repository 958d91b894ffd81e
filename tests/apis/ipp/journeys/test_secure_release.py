"""Jobs that wait for their owner, as a device sees them and does not see them, in raw bytes."""

import pytest

from tests.support.ipp import raw
from tests.support.ipp.held_jobs import ME, WHICH, by, get_jobs, ids, on_job
from tests.support.ipp.raw import INTEGER, JOB, KEYWORD, PRINTER
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADA, ADMIN, BOB, OTHER_PRINTER, PDF, SHARE, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID
from upsim.domain.job import Job, JobState
from upsim.services.jobs import secure_release


def advertise(*actions: str) -> bytes:
    return raw.request(
        raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, ME, PRINTER, a(KEYWORD, "job-release-action-supported", *actions)
    )


@pytest.fixture
async def held(ipp: IppSite) -> Job:
    """Ada's job on a share that holds."""
    await ipp.a_share(holds_for_release=True)
    return await ipp.a_started_job(ADA, share_id=SHARE)


async def test_a_held_job_is_shown_to_nobody_else(ipp: IppSite, held: Job) -> None:
    token = await ipp.device_token()
    await ipp.ask(advertise("owner-authorized-badge"), token)
    assert str(held.progress) == "pending-held job-held-for-release"
    for which in WHICH:
        assert ids(await ipp.ask(get_jobs(which), token)) == []
        assert ids(await ipp.ask(get_jobs(which, BOB), token)) == []
    for operation in (raw.FETCH_JOB, raw.ACKNOWLEDGE_JOB, raw.GET_JOB_ATTRIBUTES, raw.CANCEL_JOB):
        assert (await ipp.ask(on_job(operation, held), token)).status == raw.NOT_FOUND
    document = a(INTEGER, "document-number", 1)
    assert (await ipp.ask(on_job(raw.FETCH_DOCUMENT, held, document), token)).status == raw.NOT_FOUND
    for operation in (raw.FETCH_JOB, raw.ACKNOWLEDGE_JOB):
        assert (await ipp.ask(on_job(operation, held, by(BOB)), token)).status == raw.NOT_AUTHORIZED
    assert await ipp.job(held.id) == held


async def test_before_it_is_queued_it_is_hidden_too(ipp: IppSite) -> None:
    await ipp.a_share(holds_for_release=True)
    await ipp.an_uploaded_job(ADA, share_id=SHARE)
    for which in WHICH:
        assert ids(await ipp.ask(get_jobs(which), await ipp.device_token())) == []


async def test_and_after_it_was_canceled_unreleased(ipp: IppSite, held: Job) -> None:
    user = await ipp.user_token(ADA)
    assert (await ipp.ask(on_job(raw.CANCEL_JOB, held, who=raw.of_device(SHARE)), user)).status == raw.OK
    for which in ("completed", "canceled", "all"):
        assert ids(await ipp.ask(get_jobs(which), await ipp.device_token())) == []


async def test_a_badge_releases_at_a_device_that_knows_owners(ipp: IppSite, held: Job) -> None:
    token = await ipp.device_token()
    await ipp.ask(advertise("owner-authorized-badge"), token)
    listed = await ipp.ask(get_jobs("fetchable", "MAILTO:ADA@contoso.example"), token)
    assert ids(listed) == [held.number]
    assert listed.value(JOB, "job-state") == JobState.PENDING_HELD
    assert listed.values(JOB, "job-state-reasons") == ["job-fetchable-by-user", "job-held-for-release"]
    assert (await ipp.ask(on_job(raw.FETCH_JOB, held, by(ADA)), token)).status == raw.OK
    document = a(INTEGER, "document-number", 1)
    assert (await ipp.ask(on_job(raw.FETCH_DOCUMENT, held, by(ADA), document), token)).document == PDF
    assert (await ipp.job(held.id)).is_held_for_release
    assert (await ipp.ask(on_job(raw.ACKNOWLEDGE_JOB, held, by(ADA)), token)).status == raw.OK
    taken = await ipp.job(held.id)
    assert (str(taken.progress), taken.acknowledged_by, taken.released_to) == ("pending", PRINTER_ID, PRINTER_ID)
    again = await ipp.ask(on_job(raw.ACKNOWLEDGE_JOB, held, by(ADA)), token)
    assert again.status == raw.NOT_FETCHABLE
    done = raw.request(
        raw.UPDATE_JOB_STATUS, ME, a(INTEGER, "job-id", held.number), JOB, a(0x23, "output-device-job-state", 9)
    )
    assert (await ipp.ask(done, token)).status == raw.OK
    assert (await ipp.job(held.id)).state is JobState.COMPLETED


@pytest.mark.parametrize("actions", [(), ("none",), ("button-press", "job-password")])
async def test_a_device_that_knows_no_owners_gets_nothing(
    ipp: IppSite, held: Job, actions: tuple[str, ...]
) -> None:
    token = await ipp.device_token()
    if actions:
        await ipp.ask(advertise(*actions), token)
    assert ids(await ipp.ask(get_jobs("fetchable", ADA), token)) == []
    refusal = await ipp.ask(on_job(raw.ACKNOWLEDGE_JOB, held, by(ADA)), token)
    assert (refusal.status, "job-release-action-supported" in refusal.message) == (raw.NOT_AUTHORIZED, True)


async def test_the_owner_releases_and_nobody_in_their_place(ipp: IppSite, held: Job) -> None:
    share = raw.of_device(SHARE)
    device = await ipp.device_token()
    for user in (BOB, ADMIN):
        answer = await ipp.ask(on_job(raw.RELEASE_JOB, held, who=share), await ipp.user_token(user))
        assert answer.status == raw.NOT_AUTHORIZED
    assert (await ipp.ask(on_job(raw.RELEASE_JOB, held), device)).status == raw.NOT_FOUND
    released = await ipp.ask(on_job(raw.RELEASE_JOB, held, who=share), await ipp.user_token(ADA))
    assert released.status == raw.OK
    assert ids(await ipp.ask(get_jobs(), device)) == [held.number]
    assert str((await ipp.job(held.id)).progress) == "pending job-fetchable"


async def test_a_phone_releases_at_the_jobs_printer_only(ipp: IppSite, held: Job) -> None:
    await ipp.a_printer(OTHER_PRINTER)
    device = await ipp.device_token()
    for user, printer_id in ((BOB, PRINTER_ID), (ADA, OTHER_PRINTER)):
        with pytest.raises(Exception, match="released"):
            await ipp.do(secure_release.release, user, held.id, printer_id)
    await ipp.do(secure_release.release, ADA, held.id, PRINTER_ID)
    assert ids(await ipp.ask(get_jobs(), device)) == [held.number]
    with pytest.raises(Exception, match="does not wait"):
        await ipp.do(secure_release.release, ADA, held.id, PRINTER_ID)


async def test_the_printers_older_switch_holds_as_well(ipp: IppSite) -> None:
    await ipp.a_printer(PRINTER_ID, release_mechanisms=("qrCode",))
    assert (await ipp.a_started_job(ADA)).is_held_for_release


async def test_a_device_that_goes_away_gives_released_jobs_back_to_their_hold(ipp: IppSite, held: Job) -> None:
    token = await ipp.device_token()
    await ipp.ask(advertise("owner-authorized-badge"), token)
    await ipp.ask(on_job(raw.ACKNOWLEDGE_JOB, held, by(ADA)), token)
    assert (await ipp.ask(raw.request(raw.DEREGISTER_OUTPUT_DEVICE, ME), token)).status == raw.OK
    assert ids(await ipp.ask(get_jobs("all"), token)) == []
    assert (await ipp.job(held.id)).progress == held.progress


async def test_the_device_hears_nothing_of_a_held_job(ipp: IppSite) -> None:
    """A subscription on the printer tells of it only once it is released."""
    await ipp.a_share(holds_for_release=True)
    token = await ipp.device_token()
    wish = a(KEYWORD, "notify-pull-method", "ippget") + a(
        KEYWORD, "notify-events", "job-created", "job-state-changed", "job-fetchable"
    )
    made = await ipp.ask(raw.request(0x0016, ME, raw.SUBSCRIPTION, wish), token)
    number = made.value(raw.SUBSCRIPTION, "notify-subscription-id")

    async def notices() -> list[str]:
        asked = a(INTEGER, "notify-subscription-ids", number)
        answer = await ipp.ask(raw.request(0x001C, ME, asked), token)
        return [group["notify-subscribed-event"][1][0].decode() for group in answer.all(raw.EVENT)]

    job = await ipp.a_started_job(ADA, share_id=SHARE)
    assert await notices() == []
    await ipp.do(secure_release.release, ADA, job.id)
    assert "job-fetchable" in await notices()


@pytest.mark.parametrize(
    ("uri", "status", "told"),
    [
        (
            "mailto:nobody@contoso.example",
            raw.NOT_FOUND,
            "requesting-user-uri names 'nobody@contoso.example', who is no user of the tenant.",
        ),
        ("ada@contoso.example", raw.BAD_REQUEST, "requesting-user-uri must be mailto: and a user principal name"),
    ],
)
async def test_a_user_whom_the_tenant_does_not_know(
    ipp: IppSite, held: Job, uri: str, status: int, told: str
) -> None:
    answer = await ipp.ask(get_jobs("fetchable", uri), await ipp.device_token())
    assert (answer.status, told in answer.message) == (status, True), answer.message
    assert await ipp.job(held.id) == held
