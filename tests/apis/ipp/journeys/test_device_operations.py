"""What a device does beside its jobs' main road: documents, comparing notes, showing itself, going away."""

import gzip
import zlib

import pytest

from tests.support.ipp import office_printer, raw
from tests.support.ipp.raw import (
    DELETE,
    DOCUMENT,
    ENUM,
    INTEGER,
    JOB,
    KEYWORD,
    MIME,
    OPERATION,
    PRINTER,
    TEXT,
    URI,
)
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import OTHER_PRINTER, PDF, SHARE, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID
from upsim.domain.job import Job
from upsim.domain.printer import Printer

ME = raw.of_device(PRINTER_ID)


async def ask(ipp: IppSite, operation: int, *parts: bytes) -> raw.Answer:
    return await ipp.ask(raw.request(operation, ME, *parts), await ipp.device_token())


def raw_inflate(data: bytes) -> bytes:
    """RFC 1951, without a wrapping."""
    return zlib.decompress(data, wbits=-15)


def of(job: Job) -> bytes:
    return a(INTEGER, "job-id", job.number)


ONE = a(INTEGER, "document-number", 1)


async def a_taken_job(ipp: IppSite) -> Job:
    job = await ipp.a_started_job()
    assert (await ask(ipp, raw.ACKNOWLEDGE_JOB, of(job))).status == raw.OK
    return await ipp.job(job.id)


async def report(ipp: IppSite, *attributes: bytes) -> raw.Answer:
    return await ask(ipp, raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, PRINTER, *attributes)


async def reported(ipp: IppSite, name: str) -> list[object]:
    printer = await ipp.do(lambda tx: tx.get(Printer, PRINTER_ID))
    return [item.value for item in printer.attributes.get(name, ())]


@pytest.mark.parametrize(
    ("update", "after"),
    [
        (a(KEYWORD, "x.2", "B"), ["a", "B", "c"]),
        (a(KEYWORD, "x.1-2", "A", "B"), ["A", "B", "c"]),
        (a(KEYWORD, "x.2-3", "B"), ["a", "B"]),
        (a(KEYWORD, "x.4", "d"), ["a", "b", "c", "d"]),
        (a(DELETE, "x.2", b""), ["a", "c"]),
        (a(DELETE, "x.1", b"") + a(DELETE, "x.3", b""), ["b"]),
        (a(DELETE, "x.1-3", b""), []),
        (a(DELETE, "x", b""), []),
    ],
)
async def test_single_values_are_updated(ipp: IppSite, update: bytes, after: list[str]) -> None:
    await report(ipp, a(KEYWORD, "x", "a", "b", "c"))
    assert (await report(ipp, update)).status == raw.OK
    assert await reported(ipp, "x") == after


@pytest.mark.parametrize("name", ["x.5", "x.3-2", "x.2-9", "y.2"])
async def test_values_that_are_not_there(ipp: IppSite, name: str) -> None:
    await report(ipp, a(KEYWORD, "x", "a", "b", "c"))
    assert (await report(ipp, a(KEYWORD, name, "z"))).status == raw.BAD_REQUEST
    assert await reported(ipp, "x") == ["a", "b", "c"]


async def test_a_sparse_state_reason_moves_the_printer(ipp: IppSite) -> None:
    await report(ipp, a(KEYWORD, "printer-state-reasons", "media-low", "toner-low"))
    await report(ipp, a(KEYWORD, "printer-state-reasons.1", "media-empty"))
    printer = await ipp.do(lambda tx: tx.get(Printer, PRINTER_ID))
    assert printer.state_reasons == ("media-empty", "toner-low")


async def test_the_device_reads_back_what_it_reported(ipp: IppSite) -> None:
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    answer = await ask(ipp, raw.GET_OUTPUT_DEVICE_ATTRIBUTES)
    assert set(answer.group(PRINTER)) == set(office_printer.ATTRIBUTES)
    answer = await ask(ipp, raw.GET_OUTPUT_DEVICE_ATTRIBUTES, a(KEYWORD, "requested-attributes", "sides-default"))
    assert set(answer.group(PRINTER)) == {"sides-default"}


async def test_a_device_that_declines_leaves_the_job_to_others(ipp: IppSite) -> None:
    job = await ipp.a_started_job()
    declined = a(ENUM, "fetch-status-code", 0x040A) + a(TEXT, "fetch-status-message", "No PDF here.")
    assert (await ask(ipp, raw.ACKNOWLEDGE_JOB, of(job), declined)).status == raw.OK
    after = await ipp.job(job.id)
    assert (after.is_fetchable, after.acknowledged_by, after.state_message) == (True, None, "No PDF here.")


@pytest.mark.parametrize(("accepted", "unpack"), [("gzip", gzip.decompress), ("deflate", raw_inflate)])
@pytest.mark.parametrize("base", ["https", "http"])
async def test_a_compressed_document(ipp: IppSite, accepted: str, unpack, base: str) -> None:
    job = await ipp.a_started_job()
    wanted = a(KEYWORD, "compression-accepted", "bzip9", accepted, "none")
    body = raw.request(raw.FETCH_DOCUMENT, ME, of(job), ONE, wanted)
    answer = await ipp.ask(body, await ipp.device_token(), base=getattr(ipp, base))
    assert answer.value(OPERATION, "compression") == accepted
    assert unpack(answer.document) == PDF


async def test_the_devices_formats(ipp: IppSite) -> None:
    job = await ipp.a_started_job()
    answer = await ask(ipp, raw.FETCH_DOCUMENT, of(job), ONE, a(MIME, "document-format-accepted", "image/urf"))
    assert answer.status == raw.NOT_FETCHABLE
    wanted = a(MIME, "document-format-accepted", "image/urf", "application/pdf")
    assert (await ask(ipp, raw.FETCH_DOCUMENT, of(job), ONE, wanted)).document == PDF


async def test_the_life_of_a_document(ipp: IppSite) -> None:
    job = await a_taken_job(ipp)
    for state in (5, 9):
        told = a(ENUM, "output-device-document-state", state) + a(INTEGER, "impressions-completed", state)
        assert (await ask(ipp, raw.UPDATE_DOCUMENT_STATUS, of(job), ONE, DOCUMENT, told)).status == raw.OK
    assert (await ask(ipp, raw.ACKNOWLEDGE_DOCUMENT, of(job), ONE)).status == raw.OK
    after = await ipp.job(job.id)
    assert (after.document.device_state, after.document.acknowledged_at is None) == (9, False)
    assert after.progress == job.progress
    seen = await ask(ipp, raw.GET_DOCUMENT_ATTRIBUTES, of(job), ONE)
    assert (seen.value(DOCUMENT, "document-state"), seen.value(DOCUMENT, "document-number")) == (9, 1)
    assert seen.value(DOCUMENT, "document-format") == "application/pdf"


async def test_documents_of_a_job_not_taken(ipp: IppSite) -> None:
    job = await ipp.a_started_job()
    told = a(ENUM, "output-device-document-state", 5)
    assert (await ask(ipp, raw.UPDATE_DOCUMENT_STATUS, of(job), ONE, DOCUMENT, told)).status == raw.NOT_POSSIBLE
    assert (await ask(ipp, raw.ACKNOWLEDGE_DOCUMENT, of(job), ONE)).status == raw.NOT_POSSIBLE
    assert await ipp.job(job.id) == job


async def test_active_jobs_are_compared(ipp: IppSite) -> None:
    same, differing, forgotten = [await a_taken_job(ipp) for _ in range(3)]
    not_taken = await ipp.a_started_job()
    numbers = a(INTEGER, "job-ids", same.number, differing.number, not_taken.number, 99)
    answer = await ask(ipp, raw.UPDATE_ACTIVE_JOBS, numbers, a(ENUM, "output-device-job-states", 3, 5, 3, 3))
    assert answer.status == raw.OK
    told = dict(
        zip(
            answer.values(OPERATION, "job-ids"),
            answer.values(OPERATION, "output-device-job-states"),
            strict=True,
        )
    )
    assert told == {differing.number: 3, forgotten.number: 3}
    assert answer.values(raw.UNSUPPORTED_GROUP, "job-ids") == [not_taken.number, 99]


async def test_active_jobs_all_alike(ipp: IppSite) -> None:
    job = await a_taken_job(ipp)
    numbers, states = a(INTEGER, "job-ids", job.number), a(ENUM, "output-device-job-states", 3)
    answer = await ask(ipp, raw.UPDATE_ACTIVE_JOBS, numbers, states)
    assert answer.status == raw.OK
    assert list(answer.group(OPERATION)) == ["attributes-charset", "attributes-natural-language"]
    assert (await ask(ipp, raw.UPDATE_ACTIVE_JOBS, numbers)).status == raw.BAD_REQUEST


async def test_a_printer_is_asked_to_show_itself(ipp: IppSite) -> None:
    assert (await ask(ipp, raw.ACKNOWLEDGE_IDENTIFY_PRINTER)).status == raw.NOT_POSSIBLE
    await ipp.a_share()
    wish = raw.request(
        raw.IDENTIFY_PRINTER,
        a(URI, "printer-uri", f"ipp://x/printers/{SHARE}"),
        a(KEYWORD, "identify-actions", "sound"),
        a(TEXT, "message", "Here"),
    )
    assert (await ipp.ask(wish, await ipp.user_token())).status == raw.OK
    reasons = (await ask(ipp, raw.GET_PRINTER_ATTRIBUTES)).values(PRINTER, "printer-state-reasons")
    assert reasons == ["identify-printer-requested"]
    answer = await ask(ipp, raw.ACKNOWLEDGE_IDENTIFY_PRINTER)
    assert answer.values(OPERATION, "identify-actions") == ["sound"]
    assert answer.value(OPERATION, "message") == "Here"
    assert (await ask(ipp, raw.ACKNOWLEDGE_IDENTIFY_PRINTER)).status == raw.NOT_POSSIBLE


async def test_a_device_that_goes_gives_its_jobs_back(ipp: IppSite) -> None:
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    taken, waiting = await a_taken_job(ipp), await ipp.a_started_job()
    assert (await ask(ipp, raw.DEREGISTER_OUTPUT_DEVICE)).status == raw.OK
    after = await ipp.job(taken.id)
    assert (str(after.progress), after.acknowledged_by) == ("pending job-fetchable", None)
    assert await ipp.job(waiting.id) == waiting
    assert await reported(ipp, "sides-supported") == []


async def test_nothing_of_another_printer(ipp: IppSite) -> None:
    await ipp.a_printer(OTHER_PRINTER)
    job = await a_taken_job(ipp)
    other = await ipp.device_token(OTHER_PRINTER)
    for operation in (raw.DEREGISTER_OUTPUT_DEVICE, raw.GET_OUTPUT_DEVICE_ATTRIBUTES, raw.UPDATE_ACTIVE_JOBS):
        assert (await ipp.ask(raw.request(operation, ME, of(job)), other)).status == raw.NOT_AUTHORIZED
    own = raw.of_device(OTHER_PRINTER)
    answer = await ipp.ask(raw.request(raw.ACKNOWLEDGE_DOCUMENT, own, of(job), ONE), other)
    assert answer.status == raw.NOT_FOUND
    assert await ipp.job(job.id) == job
    assert answer.all(JOB) == []
