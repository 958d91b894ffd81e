"""Get-Jobs by every value of which-jobs, for a device and for the user."""

import pytest

from tests.support.ipp import office_printer, raw
from tests.support.ipp.raw import ENUM, INTEGER, JOB, KEYWORD, PRINTER, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import PRINTER as PRINTER_ID
from tests.support.ipp.site import SHARE, IppSite
from upsim.domain.attributes import KEYWORD as KEYWORD_TAG
from upsim.domain.attributes import one

ME = raw.of_device(PRINTER_ID)
TO_SHARE = a(URI, "printer-uri", f"ipps://x/printers/{SHARE}")
HOLD = {"job-hold-until": one(KEYWORD_TAG, "indefinite")}

EXPECTED = {
    "all": {"fetchable", "held", "taken", "processing", "stopped", "canceled", "aborted", "completed"},
    "not-completed": {"fetchable", "held", "taken", "processing", "stopped"},
    "completed": {"canceled", "aborted", "completed"},
    "fetchable": {"fetchable"},
    "pending": {"fetchable", "taken"},
    "pending-held": {"held"},
    "processing": {"processing"},
    "processing-stopped": {"stopped"},
    "canceled": {"canceled"},
    "aborted": {"aborted"},
}
REPORTS = {"processing": 5, "stopped": 6, "canceled": 7, "aborted": 8, "completed": 9}


@pytest.fixture
async def jobs(ipp: IppSite) -> dict[int, str]:
    """One job in each standing, by number."""
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    await ipp.a_share()
    token = await ipp.device_token()
    named: dict[int, str] = {}
    for name in EXPECTED["all"]:
        job = await ipp.a_started_job(template=HOLD if name == "held" else None)
        named[job.number] = name
        number = a(INTEGER, "job-id", job.number)
        if name not in {"fetchable", "held"}:
            assert (await ipp.ask(raw.request(raw.ACKNOWLEDGE_JOB, ME, number), token)).status == raw.OK
        if state := REPORTS.get(name):
            body = raw.request(raw.UPDATE_JOB_STATUS, ME, number, JOB, a(ENUM, "output-device-job-state", state))
            assert (await ipp.ask(body, token)).status == raw.OK
    return named


async def listed(ipp: IppSite, token: str, who: bytes, *parts: bytes) -> list[int]:
    answer = await ipp.ask(raw.request(raw.GET_JOBS, who, *parts), token)
    assert answer.status == raw.OK
    return [int.from_bytes(group["job-id"][1][0]) for group in answer.all(JOB)]


async def test_each_value_takes_its_jobs_oldest_first(ipp: IppSite, jobs: dict[int, str]) -> None:
    token = await ipp.user_token()
    for which, expected in EXPECTED.items():
        numbers = await listed(ipp, token, TO_SHARE, a(KEYWORD, "which-jobs", which))
        assert {jobs[number] for number in numbers} == expected, which
        assert numbers == sorted(numbers)
    assert await listed(ipp, token, TO_SHARE) == await listed(
        ipp, token, TO_SHARE, a(KEYWORD, "which-jobs", "not-completed")
    )


async def test_the_device_sees_the_same_but_held_jobs(ipp: IppSite, jobs: dict[int, str]) -> None:
    token = await ipp.device_token()
    for which in ("completed", "fetchable", "processing", "processing-stopped", "canceled", "aborted"):
        numbers = await listed(ipp, token, ME, a(KEYWORD, "which-jobs", which))
        assert {jobs[number] for number in numbers} == EXPECTED[which], which


async def test_the_values_are_those_that_the_printer_tells(ipp: IppSite) -> None:
    answer = await ipp.ask(raw.request(raw.GET_PRINTER_ATTRIBUTES, ME), await ipp.device_token())
    assert set(answer.values(PRINTER, "which-jobs-supported")) == set(EXPECTED)


async def test_job_ids_take_those_and_no_others(ipp: IppSite, jobs: dict[int, str]) -> None:
    """Without which-jobs of all that there are; jobs that are not there are left out."""
    token = await ipp.user_token()
    by_name = {name: number for number, name in jobs.items()}
    wanted = sorted([by_name["completed"], by_name["held"], by_name["taken"]])
    ids = a(INTEGER, "job-ids", *wanted, 999)
    assert await listed(ipp, token, TO_SHARE, ids) == wanted
    assert await listed(ipp, token, TO_SHARE, ids, a(INTEGER, "limit", 2)) == wanted[:2]
    pending = a(KEYWORD, "which-jobs", "pending")
    assert await listed(ipp, token, TO_SHARE, ids, pending) == [by_name["taken"]]


async def test_a_limit_takes_the_oldest(ipp: IppSite, jobs: dict[int, str]) -> None:
    numbers = await listed(
        ipp, await ipp.user_token(), TO_SHARE, a(INTEGER, "limit", 2), a(KEYWORD, "which-jobs", "all")
    )
    assert numbers == sorted(jobs)[:2]
