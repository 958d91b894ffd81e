"""Subscriptions: what is told, to whom, for how long; and the life of a proxy that lives by them."""

import asyncio

import pytest

from tests.support.ipp import raw
from tests.support.ipp.raw import (
    BOOLEAN,
    ENUM,
    EVENT,
    INTEGER,
    JOB,
    KEYWORD,
    OPERATION,
    PRINTER,
    SUBSCRIPTION,
    URI,
)
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADA, ADMIN, BOB, PDF, SHARE, TENANT, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID
from upsim.domain.event_subscription import NOTICES_MAX, EventSubscription, Notice
from upsim.domain.query import Query
from upsim.services import tenants
from upsim.services.ports import SYSTEM

CREATE, CREATE_FOR_JOB, GET_ATTRIBUTES, GET_ALL, RENEW, CANCEL, GET = 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1B, 0x1C
ME = raw.of_device(PRINTER_ID)
TO_SHARE = a(URI, "printer-uri", f"ipps://x/printers/{SHARE}")
PULL = a(KEYWORD, "notify-pull-method", "ippget")


def wish(*events: str, lease: int | None = 0) -> bytes:
    parts = SUBSCRIPTION + PULL + a(KEYWORD, "notify-events", *events)
    return parts if lease is None else parts + a(INTEGER, "notify-lease-duration", lease)


async def device(ipp: IppSite, operation: int, *parts: bytes) -> raw.Answer:
    return await ipp.ask(raw.request(operation, ME, *parts), await ipp.device_token())


async def subscribe(ipp: IppSite, *events: str, lease: int | None = 0) -> int:
    answer = await device(ipp, CREATE, wish(*events, lease=lease))
    assert answer.status == raw.OK
    return answer.value(SUBSCRIPTION, "notify-subscription-id")


def ids(number: int, lowest: int = 1, *, wait: bool = False) -> bytes:
    return (
        a(INTEGER, "notify-subscription-ids", number)
        + a(INTEGER, "notify-sequence-numbers", lowest)
        + a(BOOLEAN, "notify-wait", wait)
    )


async def events(ipp: IppSite, number: int, lowest: int = 1) -> list[str]:
    answer = await device(ipp, GET, ids(number, lowest))
    assert answer.status == raw.OK
    return [group["notify-subscribed-event"][1][0].decode() for group in answer.all(EVENT)]


def of(number: int) -> bytes:
    return a(INTEGER, "job-id", number)


async def report(ipp: IppSite, number: int, state: int) -> raw.Answer:
    return await device(ipp, raw.UPDATE_JOB_STATUS, of(number), JOB, a(ENUM, "output-device-job-state", state))


async def test_the_life_of_a_proxy(ipp: IppSite) -> None:
    """As ippproxy lives: subscribe, describe, list, wait, fetch, take, print, go."""
    number = await subscribe(ipp, "job-fetchable", "job-state-changed", "printer-state-changed")
    await device(ipp, raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, PRINTER, a(KEYWORD, "sides-supported", "one-sided"))
    listed = await device(ipp, raw.GET_JOBS, a(KEYWORD, "which-jobs", "fetchable"))
    assert listed.all(JOB) == []
    first = (await device(ipp, GET, ids(number))).all(EVENT)
    waiting = asyncio.create_task(device(ipp, GET, ids(number, len(first) + 1, wait=True)))
    job = await ipp.a_started_job()
    told = await asyncio.wait_for(waiting, 10)
    lowest = len(first) + 1
    while "job-fetchable" not in [group["notify-subscribed-event"][1][0].decode() for group in told.all(EVENT)]:
        lowest += len(told.all(EVENT))
        told = await asyncio.wait_for(device(ipp, GET, ids(number, lowest, wait=True)), 10)
    offered = next(g for g in told.all(EVENT) if g["notify-subscribed-event"][1] == [b"job-fetchable"])
    assert offered["job-id"] == (INTEGER, [job.number.to_bytes(4)])
    assert offered["job-state"] == (ENUM, [b"\0\0\0\x03"])
    assert {"notify-charset", "notify-printer-uri", "notify-text", "printer-up-time"} <= set(offered)

    one = a(INTEGER, "document-number", 1)
    for operation, *parts in (
        (raw.FETCH_JOB,),
        (raw.ACKNOWLEDGE_JOB,),
        (raw.UPDATE_JOB_STATUS, JOB, a(ENUM, "output-device-job-state", 5)),
        (raw.UPDATE_DOCUMENT_STATUS, one, raw.DOCUMENT, a(ENUM, "output-device-document-state", 5)),
    ):
        assert (await device(ipp, operation, of(job.number), *parts)).status == raw.OK
    assert (await device(ipp, raw.FETCH_DOCUMENT, of(job.number), one)).document == PDF
    assert (await device(ipp, raw.ACKNOWLEDGE_DOCUMENT, of(job.number), one)).status == raw.OK
    assert (await report(ipp, job.number, 9)).status == raw.OK
    assert (await device(ipp, CANCEL, a(INTEGER, "notify-subscription-id", number))).status == raw.OK
    assert (await device(ipp, raw.DEREGISTER_OUTPUT_DEVICE)).status == raw.OK
    assert str((await ipp.job(job.id)).progress) == "completed job-completed-successfully"
    assert await ipp.do(lambda tx: tx.find(Query(entity=Notice))) == []


async def test_two_devices_race_and_one_gets_the_job(ipp: IppSite) -> None:
    job, token = await ipp.a_started_job(), await ipp.device_token()
    body = raw.request(raw.ACKNOWLEDGE_JOB, ME, of(job.number))
    answers = await asyncio.gather(*[ipp.ask(body, token) for _ in range(8)])
    assert sorted(answer.status for answer in answers) == [raw.OK] + [raw.NOT_FETCHABLE] * 7


async def test_one_notice_under_the_most_telling_name(ipp: IppSite) -> None:
    both = await subscribe(ipp, "job-state-changed", "job-completed")
    general = await subscribe(ipp, "job-state-changed")
    created = await subscribe(ipp, "job-created", "job-stopped")
    job = await ipp.a_started_job()
    before = len(await events(ipp, general))
    await device(ipp, raw.ACKNOWLEDGE_JOB, of(job.number))
    for state in (6, 9):
        await report(ipp, job.number, state)
    assert await events(ipp, both, before + 1) == ["job-state-changed", "job-state-changed", "job-completed"]
    assert await events(ipp, general, before + 1) == ["job-state-changed"] * 3
    assert await events(ipp, created) == ["job-created", "job-stopped"]


async def test_what_a_printer_tells(ipp: IppSite) -> None:
    number = await subscribe(
        ipp, "printer-restarted", "printer-stopped", "printer-media-changed", "printer-config-changed",
        "printer-state-changed", "printer-shutdown",
    )  # fmt: skip
    for part in (
        a(ENUM, "printer-state", 3),
        a(ENUM, "printer-state", 5),
        a(KEYWORD, "media-ready", "iso_a4_210x297mm"),
        a(KEYWORD, "sides-supported", "one-sided"),
        a(KEYWORD, "sides-supported", "one-sided"),
    ):
        await device(ipp, raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, PRINTER, part)
    await device(ipp, raw.DEREGISTER_OUTPUT_DEVICE)
    assert await events(ipp, number) == [
        "printer-restarted",
        "printer-stopped",
        "printer-media-changed",
        "printer-config-changed",
        "printer-shutdown",
    ]


async def test_notices_are_bounded_and_numbered_on(ipp: IppSite) -> None:
    number = await subscribe(ipp, "printer-config-changed")
    for count in range(NOTICES_MAX + 5):
        body = a(KEYWORD, "x", f"v{count}")
        await device(ipp, raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, PRINTER, body)
    answer = await device(ipp, GET, ids(number))
    sequence = [int.from_bytes(group["notify-sequence-number"][1][0]) for group in answer.all(EVENT)]
    assert sequence == list(range(6, NOTICES_MAX + 6))


async def test_a_lease_ends_on_the_tenants_clock(ipp: IppSite) -> None:
    number = await subscribe(ipp, "job-created", lease=60)
    one = a(INTEGER, "notify-subscription-id", number)
    await advance(ipp, 50)
    renewed = await device(ipp, RENEW, one, SUBSCRIPTION, a(INTEGER, "notify-lease-duration", 100))
    assert renewed.value(SUBSCRIPTION, "notify-lease-duration") == 100
    await advance(ipp, 90)
    assert (await device(ipp, GET, ids(number))).status == raw.OK
    await advance(ipp, 20)
    gone = await device(ipp, GET, ids(number))
    assert gone.status == raw.NOT_FOUND
    assert gone.values(raw.UNSUPPORTED_GROUP, "notify-subscription-ids") == [number]
    assert (await device(ipp, CANCEL, one)).status == raw.NOT_FOUND
    assert (await device(ipp, GET_ALL)).all(SUBSCRIPTION) == []


async def advance(ipp: IppSite, seconds: float) -> None:
    await ipp.site.store.write(SYSTEM, lambda tx: tenants.set_clock(tx, TENANT, advance_seconds=seconds))


async def test_lists_of_subscriptions(ipp: IppSite) -> None:
    number = await subscribe(ipp, "job-created", lease=None)
    listed = await device(ipp, GET_ALL)
    assert [set(group) for group in listed.all(SUBSCRIPTION)] == [{"notify-subscription-id"}]
    seen = await device(ipp, GET_ATTRIBUTES, a(INTEGER, "notify-subscription-id", number))
    assert seen.values(SUBSCRIPTION, "notify-events") == ["job-created"]
    assert seen.value(SUBSCRIPTION, "notify-lease-duration") == 86400


@pytest.mark.parametrize(
    ("groups", "status", "codes"),
    [
        (wish("job-created") + wish("nonsense"), 0x0003, [None, 0x040B]),
        (wish("nonsense"), 0x0414, [0x040B]),
        (SUBSCRIPTION + a(KEYWORD, "notify-pull-method", "mail"), 0x0414, [0x040B]),
        (wish("job-created") + a(0x30, "notify-user-data", b"x" * 64), 0x0414, [0x0409]),
    ],
)
async def test_each_group_has_its_own_outcome(
    ipp: IppSite, groups: bytes, status: int, codes: list[int | None]
) -> None:
    answer = await device(ipp, CREATE, groups)
    assert answer.status == status
    told = [group.get("notify-status-code", (0, [None]))[1][0] for group in answer.all(SUBSCRIPTION)]
    assert [octets and int.from_bytes(octets) for octets in told] == codes
    kept = await ipp.do(lambda tx: tx.find(Query(entity=EventSubscription)))
    assert len(kept) == codes.count(None)


async def test_no_group_and_no_id(ipp: IppSite) -> None:
    assert (await device(ipp, CREATE)).status == raw.BAD_REQUEST
    assert (await device(ipp, GET)).status == raw.BAD_REQUEST
    assert (await device(ipp, GET, ids(77))).status == raw.NOT_FOUND


async def test_users_are_told_of_their_own_jobs_only(ipp: IppSite) -> None:
    await ipp.a_share()
    made = await ipp.ask(raw.request(CREATE, TO_SHARE, wish("job-created")), await ipp.user_token(ADA))
    number = made.value(SUBSCRIPTION, "notify-subscription-id")
    mine = await ipp.a_started_job(ADA)
    await ipp.a_started_job(BOB)
    told = await ipp.ask(raw.request(GET, TO_SHARE, ids(number)), await ipp.user_token(ADA))
    assert [group["job-id"][1] for group in told.all(EVENT)] == [[mine.number.to_bytes(4)]]
    other = await ipp.ask(raw.request(GET, TO_SHARE, ids(number)), await ipp.user_token(BOB))
    assert other.status == raw.NOT_AUTHORIZED
    admin = await ipp.ask(
        raw.request(CANCEL, TO_SHARE, a(INTEGER, "notify-subscription-id", number)), await ipp.user_token(ADMIN)
    )
    assert admin.status == raw.OK


async def test_a_subscription_to_one_job(ipp: IppSite) -> None:
    job = await ipp.a_started_job()
    made = await device(ipp, CREATE_FOR_JOB, a(INTEGER, "notify-job-id", job.number), wish("job-state-changed"))
    number = made.value(SUBSCRIPTION, "notify-subscription-id")
    await ipp.a_started_job()
    await device(ipp, raw.ACKNOWLEDGE_JOB, of(job.number))
    answer = await device(ipp, GET, ids(number))
    assert [group["notify-job-id"][1] for group in answer.all(EVENT)] == [[job.number.to_bytes(4)]]
    one = a(INTEGER, "notify-subscription-id", number)
    assert (await device(ipp, RENEW, one)).status == raw.NOT_POSSIBLE
    listed = await device(ipp, GET_ALL, a(INTEGER, "notify-job-id", job.number))
    assert len(listed.all(SUBSCRIPTION)) == 1
    assert answer.value(OPERATION, "notify-get-interval") > 0


async def test_the_notification_endpoint_serves_subscriptions_alone(ipp: IppSite) -> None:
    token, path = await ipp.device_token(), "/notifications"
    made = await ipp.ask(raw.request(CREATE, ME, wish("job-created")), token, path=path)
    number = made.value(SUBSCRIPTION, "notify-subscription-id")
    job = await ipp.a_started_job()
    told = await ipp.ask(raw.request(GET, ME, ids(number)), token, path=path)
    assert [group["job-id"] for group in told.all(EVENT)] == [(INTEGER, [job.number.to_bytes(4)])]
    refusal = await ipp.ask(raw.request(raw.GET_JOBS, ME), token, path=path)
    assert refusal.status == raw.OPERATION_NOT_SUPPORTED


@pytest.mark.parametrize(("operation", "data"), [(raw.CREATE_JOB, b""), (raw.PRINT_JOB, PDF)])
async def test_a_job_is_made_with_its_subscriptions(ipp: IppSite, operation: int, data: bytes) -> None:
    await ipp.a_share()
    token = await ipp.user_token()
    push = SUBSCRIPTION + a(URI, "notify-recipient-uri", "mailto:ada@contoso.example")
    body = raw.request(operation, TO_SHARE, wish("job-state-changed"), push, wish("none", lease=None))
    made = await ipp.ask(body + data, token)
    assert made.status == 0x0003
    first, second, third = made.all(SUBSCRIPTION)
    assert second == {"notify-status-code": (ENUM, [b"\0\0\x04\x0b"])}
    assert "notify-lease-duration" not in {**first, **third}
    number = made.value(SUBSCRIPTION, "notify-subscription-id")
    assert made.value(JOB, "job-id")
    cancel = raw.request(raw.CANCEL_JOB, TO_SHARE, of(made.value(JOB, "job-id")))
    await ipp.ask(cancel, token)
    told = await ipp.ask(raw.request(GET, TO_SHARE, ids(number)), token)
    last = told.all(EVENT)[-1]
    assert (last["notify-job-id"][1], last["job-state"][1]) == (
        [made.value(JOB, "job-id").to_bytes(4)],
        [b"\0\0\0\x07"],
    )


@pytest.mark.parametrize(("operation", "data"), [(raw.CREATE_JOB, b""), (raw.PRINT_JOB, PDF)])
async def test_a_subscription_made_with_its_job_hears_of_its_creation(
    ipp: IppSite, operation: int, data: bytes
) -> None:
    """Once, first, and it alone: one for the job afterwards comes too late, one on the printer is told as ever."""
    await ipp.a_share()
    token = await ipp.user_token()
    first = await ipp.ask(raw.request(CREATE, TO_SHARE, wish("job-created")), token)
    wishes = (wish("job-created", "job-state-changed"), wish("job-completed"))
    made = await ipp.ask(raw.request(operation, TO_SHARE, *wishes) + data, token)
    of_job = a(INTEGER, "notify-job-id", made.value(JOB, "job-id"))
    later = await ipp.ask(raw.request(CREATE_FOR_JOB, TO_SHARE, of_job, wish("job-created")), token)
    groups = [*first.all(SUBSCRIPTION), *made.all(SUBSCRIPTION), *later.all(SUBSCRIPTION)]
    heard = []
    for group in groups:
        number = int.from_bytes(group["notify-subscription-id"][1][0])
        told = await ipp.ask(raw.request(GET, TO_SHARE, ids(number)), token)
        heard.append([event["notify-subscribed-event"][1][0] for event in told.all(EVENT)])
    on_printer, with_job, quiet, late = heard
    assert with_job[0] == b"job-created"
    assert with_job.count(b"job-created") == 1
    assert (on_printer, quiet, late) == ([b"job-created"], [], [])


async def test_validate_job_judges_subscriptions_and_makes_none(ipp: IppSite) -> None:
    await ipp.a_share()
    body = raw.request(raw.VALIDATE_JOB, TO_SHARE, wish("job-completed"), wish("coffee-ready"))
    answer = await ipp.ask(body, await ipp.user_token())
    assert answer.status == 0x0003
    assert answer.all(SUBSCRIPTION) == [{}, {"notify-status-code": (ENUM, [b"\0\0\x04\x0b"])}]
    assert await ipp.do(lambda tx: tx.find(Query(entity=EventSubscription))) == []
    assert await ipp.jobs() == []
