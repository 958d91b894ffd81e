"""A device's whole life in raw bytes: describe, look, fetch, take, read, report, finish."""

import hashlib

import pytest

from tests.support.ipp import raw
from tests.support.ipp.raw import ENUM, INTEGER, JOB, KEYWORD, NAME, OPERATION, PRINTER, TEXT, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADA, BOB, OTHER_PRINTER, PDF, SHARE, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID
from upsim.domain.attributes import AttributeValue
from upsim.domain.job import Job
from upsim.domain.printer import Printer, PrinterState

ME = raw.of_device(PRINTER_ID)


def on_job(operation: int, job: Job, *parts: bytes, who: bytes = ME) -> bytes:
    return raw.request(operation, who, a(INTEGER, "job-id", job.number), *parts)


def report(job: Job, state: int, *more: bytes) -> bytes:
    return on_job(raw.UPDATE_JOB_STATUS, job, JOB, a(ENUM, "output-device-job-state", state), *more)


async def the_printer(ipp: IppSite) -> Printer:
    return await ipp.do(lambda tx: tx.get(Printer, PRINTER_ID))


@pytest.mark.parametrize("base", ["https", "http"])
async def test_from_describing_itself_to_a_printed_job(ipp: IppSite, base: str) -> None:
    token = await ipp.device_token()
    job = await ipp.a_started_job(template={"copies": (AttributeValue(INTEGER, 2),)})

    async def ask(body: bytes) -> raw.Answer:
        answer = await ipp.ask(body, token, base=getattr(ipp, base))
        assert answer.status == raw.OK
        return answer

    await ask(
        raw.request(
            raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES,
            ME,
            PRINTER,
            a(ENUM, "printer-state", 3),
            a(KEYWORD, "sides-supported", "one-sided", "two-sided-long-edge"),
        )
    )
    assert (await the_printer(ipp)).state is PrinterState.IDLE
    listed = await ask(raw.request(raw.GET_JOBS, ME, a(KEYWORD, "which-jobs", "fetchable")))
    assert [listed.value(JOB, name) for name in ("job-id", "job-state")] == [job.number, 3]

    fetched = await ask(on_job(raw.FETCH_JOB, job))
    assert fetched.value(JOB, "copies") == 2
    assert fetched.value(JOB, "number-of-documents") == 1
    assert fetched.value(JOB, "job-originating-user-uri") == "mailto:ada@contoso.example"
    assert fetched.group(JOB)["time-at-completed"] == (0x13, [b""])
    assert fetched.group(JOB)["date-time-at-completed"] == (0x12, [b""])
    await ask(on_job(raw.ACKNOWLEDGE_JOB, job))
    read = await ask(on_job(raw.FETCH_DOCUMENT, job, a(INTEGER, "document-number", 1)))
    assert read.document == PDF
    assert read.value(OPERATION, "document-format") == "application/pdf"
    assert read.value(OPERATION, "compression") == "none"

    standings = []
    for state, reason in ((5, "job-printing"), (6, "media-empty-error"), (5, "job-printing"), (9, "none")):
        await ask(report(job, state, a(KEYWORD, "output-device-job-state-reasons", reason)))
        standings.append(str((await ipp.job(job.id)).progress))
    assert standings == [
        "processing job-printing",
        "processing-stopped media-empty-error",
        "processing job-printing",
        "completed job-completed-successfully",
    ]
    seen = await ask(on_job(raw.GET_JOB_ATTRIBUTES, job))
    assert seen.value(JOB, "job-state") == 9
    assert seen.group(JOB)["date-time-at-completed"][0] == 0x31
    assert seen.group(JOB)["time-at-completed"][0] == INTEGER
    empty = await ask(raw.request(raw.GET_JOBS, ME, a(KEYWORD, "which-jobs", "fetchable")))
    assert empty.all(JOB) == []


async def test_the_document_may_be_read_before_the_job_is_taken(ipp: IppSite) -> None:
    job, token = await ipp.a_started_job(), await ipp.device_token()
    read = await ipp.ask(on_job(raw.FETCH_DOCUMENT, job, a(INTEGER, "document-number", 1)), token)
    assert read.document == PDF
    assert (await ipp.ask(on_job(raw.ACKNOWLEDGE_JOB, job), token)).status == raw.OK


@pytest.mark.parametrize("size", [1, 1_000_000, 20_000_000])
@pytest.mark.parametrize("base", ["https", "http"])
async def test_the_document_comes_as_it_went(ipp: IppSite, base: str, size: int) -> None:
    content = hashlib.shake_128(b"upsim").digest(min(size, 4096)) * -(-size // 4096)
    job = await ipp.a_started_job(content=content[:size], pieces=3)
    status, headers, body = await ipp.post(
        on_job(raw.FETCH_DOCUMENT, job, a(INTEGER, "document-number", 1)),
        await ipp.device_token(),
        base=getattr(ipp, base),
    )
    assert status == 200
    assert int(headers["Content-Length"]) == len(body)
    assert {"request-id", "x-ms-correlation-id"} <= {name.lower() for name in headers}
    assert raw.parse(body).document == content[:size]


@pytest.mark.parametrize(
    ("state", "standing"), [(7, "canceled job-canceled-at-device"), (8, "aborted aborted-by-system")]
)
async def test_a_device_cancels_or_aborts(ipp: IppSite, state: int, standing: str) -> None:
    job, token = await ipp.a_started_job(), await ipp.device_token()
    await ipp.ask(on_job(raw.ACKNOWLEDGE_JOB, job), token)
    told = a(TEXT, "microsoft-output-device-job-state-message", "The fuser is cold.")
    counted = a(INTEGER, "job-impressions-completed", 3)
    assert (await ipp.ask(report(job, state, told, counted), token)).status == raw.OK
    job = await ipp.job(job.id)
    assert (str(job.progress), job.state_message) == (standing, "The fuser is cold.")
    assert job.reported["job-impressions-completed"] == (AttributeValue(INTEGER, 3),)
    seen = await ipp.ask(on_job(raw.GET_JOB_ATTRIBUTES, job), token)
    assert seen.value(JOB, "job-impressions-completed") == 3


async def test_advertising_badges_keeps_what_was_reported(ipp: IppSite) -> None:
    token = await ipp.device_token()
    for part in (
        a(KEYWORD, "sides-supported", "one-sided"),
        a(KEYWORD, "job-release-action-supported", "owner-authorized-badge"),
    ):
        await ipp.ask(raw.request(raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, ME, PRINTER, part), token)
    printer = await the_printer(ipp)
    assert set(printer.attributes) == {"sides-supported", "job-release-action-supported"}


async def test_a_device_takes_an_attribute_back(ipp: IppSite) -> None:
    token = await ipp.device_token()
    for part in (a(TEXT, "printer-state-message", "Warming up") + a(NAME, "x", "y"), a(0x16, "x", b"")):
        await ipp.ask(raw.request(raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, ME, PRINTER, part), token)
    assert set((await the_printer(ipp)).attributes) == {"printer-state-message"}


async def test_jobs_of_the_user_at_the_panel(ipp: IppSite) -> None:
    await ipp.a_started_job(ADA)
    bobs = await ipp.a_started_job(BOB)
    answer = await ipp.ask(
        raw.request(
            raw.GET_JOBS,
            a(URI, "requesting-user-uri", "mailto:BOB@contoso.example"),
            a(0x22, "my-jobs", True),
            ME,
            a(KEYWORD, "which-jobs", "fetchable"),
        ),
        await ipp.device_token(),
    )
    assert [group["job-id"][1] for group in answer.all(JOB)] == [[bobs.number.to_bytes(4)]]


async def test_the_limit_takes_the_oldest(ipp: IppSite) -> None:
    first = await ipp.a_started_job()
    await ipp.a_started_job()
    answer = await ipp.ask(raw.request(raw.GET_JOBS, ME, a(INTEGER, "limit", 1)), await ipp.device_token())
    assert [group["job-id"][1][0] for group in answer.all(JOB)] == [first.number.to_bytes(4)]


@pytest.mark.parametrize(
    "who",
    [
        pytest.param(a(raw.CHARSET, "output-device-uuid", f"urn:uuid:{PRINTER_ID}"), id="uuid as charset"),
        pytest.param(a(TEXT, "output-device-uuid", f"urn:uuid:{PRINTER_ID.upper()}"), id="uuid as text"),
        pytest.param(
            a(URI, "requesting-user-name", "ada") + a(URI, "printer-uri", f"ipp://x/printers/{PRINTER_ID}"),
            id="printer-uri last, name as uri",
        ),
        pytest.param(b"", id="the token alone"),
        pytest.param(a(URI, "printer-uri", f"ipps://x/printers/{SHARE}"), id="the share's id"),
        pytest.param(
            a(URI, "job-uri", f"ipps://x/printers/{OTHER_PRINTER}/jobs/77") + ME, id="job-uri of another printer"
        ),
    ],
)
async def test_how_clients_name_the_printer(ipp: IppSite, who: bytes) -> None:
    await ipp.a_share()
    job = await ipp.a_started_job()
    answer = await ipp.ask(on_job(raw.GET_JOB_ATTRIBUTES, job, who=who), await ipp.device_token())
    assert answer.value(JOB, "job-id") == job.number


async def test_job_id_among_the_job_attributes(ipp: IppSite) -> None:
    job = await ipp.a_started_job()
    body = raw.request(raw.FETCH_JOB, ME, JOB, a(INTEGER, "job-id", job.number))
    assert (await ipp.ask(body, await ipp.device_token())).value(JOB, "job-id") == job.number


async def test_printer_and_job_in_the_path(ipp: IppSite) -> None:
    job = await ipp.a_started_job()
    answer = await ipp.ask(
        raw.request(raw.FETCH_JOB), await ipp.device_token(), path=f"/printers/{PRINTER_ID}/jobs/{job.id}"
    )
    assert answer.value(JOB, "job-id") == job.number
