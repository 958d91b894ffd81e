"""Two devices that stand for one printer race for its job, in raw bytes: one by token, one by key with a UUID of
its own. Exactly one gets it and prints it; the other is told that it is gone.
"""

import asyncio
from base64 import b64encode

from tests.support.ipp import raw
from tests.support.ipp.raw import (
    BOOLEAN,
    DOCUMENT,
    ENUM,
    EVENT,
    INTEGER,
    JOB,
    KEYWORD,
    NAME,
    PRINTER,
    SUBSCRIPTION,
)
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import PDF, TENANT, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID

FOREIGN = "01234567-89ab-4cde-8f01-23456789abcd"
SUBSCRIBE, NOTIFICATIONS, UNSUBSCRIBE = 0x16, 0x1C, 0x1B
FIRST_DOCUMENT = a(INTEGER, "document-number", 1)


class Device:
    """A device as PWG 5100.18 has it live, on bare bytes."""

    def __init__(self, ipp: IppSite, uuid: str, authorization: str) -> None:
        self._ipp = ipp
        self._who = raw.of_device(uuid)
        self._authorization = authorization
        self.document = b""

    async def ask(self, operation: int, *parts: bytes, expected: tuple[int, ...] = (raw.OK,)) -> raw.Answer:
        body = raw.request(operation, self._who, a(NAME, "requesting-user-name", "device"), *parts)
        _, _, content = await self._ipp.post(body, None, headers={"Authorization": self._authorization})
        answer = raw.parse(content)
        assert answer.status in expected, answer.message
        return answer

    async def live(self, ready: asyncio.Barrier) -> bool:
        """From the subscription to the farewell; whether this device got the job."""
        wish = (
            SUBSCRIPTION
            + a(KEYWORD, "notify-pull-method", "ippget")
            + a(KEYWORD, "notify-events", "job-fetchable")
        )
        made = await self.ask(SUBSCRIBE, wish + a(INTEGER, "notify-lease-duration", 0))
        subscription = made.value(SUBSCRIPTION, "notify-subscription-id")
        described = PRINTER + a(ENUM, "printer-state", 3) + a(KEYWORD, "sides-supported", "one-sided")
        await self.ask(raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, described)
        listed = await self.ask(raw.GET_JOBS, a(KEYWORD, "which-jobs", "fetchable"))
        assert listed.all(JOB) == []
        await ready.wait()
        job = a(INTEGER, "job-id", await self._told_of(subscription))
        is_mine = await self._take(job)
        if is_mine:
            await self._print(job)
        await self.ask(UNSUBSCRIBE, a(INTEGER, "notify-subscription-id", subscription))
        return is_mine

    async def _told_of(self, subscription: int) -> int:
        """The job that a long poll tells of."""
        asked = a(INTEGER, "notify-subscription-ids", subscription) + a(BOOLEAN, "notify-wait", True)
        while not (told := await self.ask(NOTIFICATIONS, asked)).all(EVENT):
            pass
        return told.value(EVENT, "job-id")

    async def _take(self, job: bytes) -> bool:
        either = (raw.OK, raw.NOT_FETCHABLE)
        if (await self.ask(raw.FETCH_JOB, job, expected=either)).status != raw.OK:
            return False
        return (await self.ask(raw.ACKNOWLEDGE_JOB, job, expected=either)).status == raw.OK

    async def _print(self, job: bytes) -> None:
        await self.ask(raw.UPDATE_JOB_STATUS, job, JOB + a(ENUM, "output-device-job-state", 5))
        for state in (5, 9):
            if state == 9:
                self.document = (await self.ask(raw.FETCH_DOCUMENT, job, FIRST_DOCUMENT)).document
            told = DOCUMENT + a(ENUM, "output-device-document-state", state)
            await self.ask(raw.UPDATE_DOCUMENT_STATUS, job, FIRST_DOCUMENT, told)
        await self.ask(raw.ACKNOWLEDGE_DOCUMENT, job, FIRST_DOCUMENT)
        await self.ask(raw.UPDATE_JOB_STATUS, job, JOB + a(ENUM, "output-device-job-state", 9))


async def test_exactly_one_gets_the_job(ipp: IppSite) -> None:
    async with ipp.session.get(f"{ipp.https}/_upsim/tenants/{TENANT}/printers/{PRINTER_ID}/device-key") as shown:
        key = await shown.json()
    basic = b64encode(f"{key['userName']}:{key['key']}".encode()).decode()
    devices = [
        Device(ipp, PRINTER_ID, f"Bearer {await ipp.device_token()}"),
        Device(ipp, FOREIGN, f"Basic {basic}"),
    ]
    ready = asyncio.Barrier(3)
    lives = [asyncio.create_task(device.live(ready)) for device in devices]
    async with asyncio.timeout(120):
        await ready.wait()
        job = await ipp.a_started_job()
        got = await asyncio.gather(*lives)
        assert sorted(got) == [False, True]
        assert sorted(device.document for device in devices) == [b"", PDF]
        assert str((await ipp.job(job.id)).progress) == "completed job-completed-successfully"
        for device in devices:
            await device.ask(raw.DEREGISTER_OUTPUT_DEVICE)
