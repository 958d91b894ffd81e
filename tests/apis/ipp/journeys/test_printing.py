"""A user prints to a share by IPP: from the wish to the printed page, and what is refused on the way."""

import asyncio
import gzip
import ssl
import zlib
from collections.abc import AsyncIterator

import pytest

from tests.support.ipp import office_printer, raw
from tests.support.ipp.raw import BOOLEAN, DELETE, DOCUMENT, INTEGER, JOB, KEYWORD, MIME, NAME, PRINTER, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADA, ADMIN, BOB, PDF, SHARE, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID
from upsim.domain.attributes import AttributeValue, many
from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.user import User

TO_SHARE = a(URI, "printer-uri", f"ipps://print.print.microsoft.com/printers/{SHARE}")
LAST = a(BOOLEAN, "last-document", True)
NOT_LAST = a(BOOLEAN, "last-document", False)
FIDELITY = a(BOOLEAN, "ipp-attribute-fidelity", True)


@pytest.fixture(autouse=True)
async def _share(ipp: IppSite) -> None:
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    await ipp.a_share()


async def ask(ipp: IppSite, operation: int, *parts: bytes, user: User = ADA, data: bytes = b"") -> raw.Answer:
    body = raw.request(operation, TO_SHARE, *parts) + data
    return await ipp.ask(body, await ipp.user_token(user))


def raw_deflate(data: bytes) -> bytes:
    """RFC 1951, without a wrapping."""
    return zlib.compress(data, wbits=-15)


def of(job: Job) -> bytes:
    return a(INTEGER, "job-id", job.number)


async def print_pdf(ipp: IppSite, *parts: bytes, user: User = ADA) -> Job:
    answer = await ask(ipp, raw.PRINT_JOB, *parts, user=user, data=PDF)
    assert answer.status == raw.OK, answer.message
    return await ipp.job(answer.value(JOB, "job-id"))


async def content(ipp: IppSite, job: Job) -> bytes:
    return b"".join([chunk for part in job.document.parts async for chunk in ipp.site.blobs.read(part.key)])


async def test_create_send_close(ipp: IppSite) -> None:
    template = JOB + a(INTEGER, "copies", 2) + a(KEYWORD, "sides", "two-sided-long-edge")
    answer = await ask(ipp, raw.CREATE_JOB, a(NAME, "job-name", "Report"), template)
    assert answer.status == raw.OK
    assert {"job-uri", "job-id", "job-state", "job-state-reasons"} <= set(answer.group(JOB))
    assert answer.values(JOB, "job-state-reasons") == ["job-data-insufficient", "job-incoming"]
    job = await ipp.job(answer.value(JOB, "job-id"))
    assert (job.name, job.share_id, job.created_by.user_id) == ("Report", SHARE, ADA.id)
    assert job.template["copies"] == (AttributeValue(INTEGER, 2),)

    sent = await ask(ipp, raw.SEND_DOCUMENT, of(job), NOT_LAST, a(NAME, "document-name", "r.pdf"), data=PDF)
    assert sent.values(JOB, "job-state-reasons") == ["job-incoming"]
    closed = await ask(ipp, raw.CLOSE_JOB, of(job))
    assert closed.values(JOB, "job-state-reasons") == ["job-fetchable"]
    job = await ipp.job(job.id)
    assert (job.document.format, job.document.name, await content(ipp, job)) == ("application/pdf", "r.pdf", PDF)


@pytest.mark.parametrize("closing", ["last-document", "empty last document", "Close-Job", "Microsoft's Close-Job"])
async def test_ways_to_say_that_all_is_sent(ipp: IppSite, closing: str) -> None:
    job = await ipp.job((await ask(ipp, raw.CREATE_JOB)).value(JOB, "job-id"))
    is_last = LAST if closing == "last-document" else NOT_LAST
    await ask(ipp, raw.SEND_DOCUMENT, of(job), is_last, data=PDF)
    match closing:
        case "empty last document":
            await ask(ipp, raw.SEND_DOCUMENT, of(job), LAST)
        case "Close-Job":
            await ask(ipp, raw.CLOSE_JOB, of(job))
        case "Microsoft's Close-Job":
            await ask(ipp, raw.MICROSOFT_CLOSE_JOB, of(job))
    assert (await ipp.job(job.id)).is_fetchable
    assert (await ask(ipp, raw.CLOSE_JOB, of(job))).status == raw.OK


async def test_print_job_reaches_the_device_unchanged(ipp: IppSite) -> None:
    job = await print_pdf(ipp, a(NAME, "job-name", "One"), JOB, a(KEYWORD, "sides", "one-sided"))
    body = raw.request(raw.FETCH_DOCUMENT, raw.of_device(PRINTER_ID), of(job), a(INTEGER, "document-number", 1))
    assert (await ipp.ask(body, await ipp.device_token())).document == PDF
    fetched = await ipp.ask(
        raw.request(raw.FETCH_JOB, raw.of_device(PRINTER_ID), of(job)), await ipp.device_token()
    )
    assert (fetched.value(JOB, "sides"), fetched.value(JOB, "job-name")) == ("one-sided", "One")


@pytest.mark.parametrize(("compression", "pack"), [("gzip", gzip.compress), ("deflate", raw_deflate)])
async def test_a_compressed_document_is_stored_plain(ipp: IppSite, compression: str, pack) -> None:
    answer = await ask(ipp, raw.PRINT_JOB, a(KEYWORD, "compression", compression), data=pack(PDF))
    job = await ipp.job(answer.value(JOB, "job-id"))
    assert await content(ipp, job) == PDF


@pytest.mark.parametrize(
    ("head", "document_format"),
    [
        (b"%PDF-1.4\n", "application/pdf"),
        (b"RaS2PwgRaster", "image/pwg-raster"),
        (b"UNIRAST\0\0\0", "image/urf"),
        (b"plain words", "application/octet-stream"),
    ],
)
async def test_formats_are_sniffed(ipp: IppSite, head: bytes, document_format: str) -> None:
    answer = await ask(ipp, raw.PRINT_JOB, data=head)
    assert (await ipp.job(answer.value(JOB, "job-id"))).document.format == document_format


BEGINNINGS = {
    "application/pdf": b"%PDF-1.7\n",
    "application/PCLm": b"%PDF-1.3\n%PCLm 1.0\n",
    "image/pwg-raster": b"RaS2PwgRaster",
    "image/urf": b"UNIRAST\0",
    "application/vnd.ms-xpsdocument": b"PK\x03\x04",
    "application/oxps": b"PK\x03\x04",
}


@pytest.mark.parametrize("taken", BEGINNINGS)
@pytest.mark.parametrize("sent", BEGINNINGS)
async def test_a_printer_of_one_format_takes_that_alone(ipp: IppSite, taken: str, sent: str) -> None:
    """Sniffed, and declared. The two kinds of XPS begin alike, so what is only sniffed is taken for either."""
    formats = many(MIME, [taken])
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES | {"document-format-supported": formats})
    document = BEGINNINGS[sent] + b"and more"
    answer = await ask(ipp, raw.PRINT_JOB, data=document)
    if BEGINNINGS[sent] == BEGINNINGS[taken]:
        assert (await ipp.job(answer.value(JOB, "job-id"))).document.format == taken
    else:
        assert answer.status == raw.FORMAT_NOT_SUPPORTED
    answer = await ask(ipp, raw.PRINT_JOB, a(MIME, "document-format", sent), data=document)
    assert answer.status == (raw.OK if sent == taken else raw.FORMAT_NOT_SUPPORTED)
    if sent != taken:
        assert answer.group(raw.UNSUPPORTED_GROUP) == {"document-format": (MIME, [sent.encode()])}


async def test_what_cannot_be_had_is_ignored_and_named(ipp: IppSite) -> None:
    wanted = JOB + a(KEYWORD, "sides", "tumbled") + a(INTEGER, "copies", 5000) + a(KEYWORD, "no-such", "x")
    for operation, data in ((raw.VALIDATE_JOB, b""), (raw.CREATE_JOB, b""), (raw.PRINT_JOB, PDF)):
        answer = await ask(ipp, operation, wanted, data=data)
        assert answer.status == raw.IGNORED
        tags = [tag for tag, _ in answer.groups]
        assert tags == ([1, 5] if operation == raw.VALIDATE_JOB else [1, 5, 2])
        group = answer.group(raw.UNSUPPORTED_GROUP)
        assert group["sides"] == (KEYWORD, [b"tumbled"])
        assert group["copies"] == (INTEGER, [(5000).to_bytes(4)])
        assert group["no-such"] == (0x10, [b""])
    assert all(not job.template for job in await ipp.jobs())


async def test_with_fidelity_it_is_all_or_nothing(ipp: IppSite) -> None:
    wanted = JOB + a(KEYWORD, "sides", "tumbled") + a(INTEGER, "copies", 2)
    for operation, data in ((raw.VALIDATE_JOB, b""), (raw.CREATE_JOB, b""), (raw.PRINT_JOB, PDF)):
        answer = await ask(ipp, operation, FIDELITY, wanted, data=data)
        assert answer.status == raw.UNSUPPORTED
        assert set(answer.group(raw.UNSUPPORTED_GROUP)) == {"sides"}
    assert await ipp.jobs() == []


async def test_a_printer_that_never_described_itself_is_asked_nothing(ipp: IppSite) -> None:
    await ipp.a_printer()
    answer = await ask(ipp, raw.VALIDATE_JOB, FIDELITY, JOB, a(KEYWORD, "sides", "two-sided-long-edge"))
    assert answer.status == raw.OK


@pytest.mark.parametrize(
    ("parts", "data", "status"),
    [
        (a(MIME, "document-format", "text/html"), PDF, raw.FORMAT_NOT_SUPPORTED),
        (a(MIME, "document-format", "image/urf"), PDF, raw.FORMAT_ERROR),
        (a(KEYWORD, "compression", "bzip2"), PDF, raw.COMPRESSION_NOT_SUPPORTED),
        (a(KEYWORD, "compression", "gzip"), PDF, raw.COMPRESSION_ERROR),
        (a(KEYWORD, "compression", "gzip"), gzip.compress(PDF)[:-9], raw.COMPRESSION_ERROR),
        (b"", b"", raw.BAD_REQUEST),
    ],
    ids=["format", "other format", "compression", "not compressed", "cut compressed", "no document"],
)
async def test_documents_that_are_refused_leave_nothing(
    ipp: IppSite, parts: bytes, data: bytes, status: int
) -> None:
    answer = await ask(ipp, raw.PRINT_JOB, parts, data=data)
    assert answer.status == status, answer.message
    created = await ipp.job((await ask(ipp, raw.CREATE_JOB)).value(JOB, "job-id"))
    if data:
        answer = await ask(ipp, raw.SEND_DOCUMENT, of(created), LAST, parts, data=data)
        assert answer.status == status
    assert await ipp.jobs() == [created]
    assert blobs(ipp) == []


def blobs(ipp: IppSite) -> list[object]:
    folder = ipp.site.blobs._folder
    return [path for path in folder.rglob("*") if path.is_file() and path.stat().st_mtime_ns > ipp.started_ns]


async def test_a_document_above_the_limit(ipp: IppSite) -> None:
    await ipp.settings(jobs={"size_bytes_max": 1000})
    assert (await ask(ipp, raw.PRINT_JOB, data=PDF)).status == raw.TOO_LARGE
    bomb = gzip.compress(bytes(50_000_000))
    answer = await ask(ipp, raw.PRINT_JOB, a(KEYWORD, "compression", "gzip"), data=bomb)
    assert answer.status == raw.TOO_LARGE
    assert (await ipp.jobs(), blobs(ipp)) == ([], [])


async def test_a_body_cut_inside_the_document(ipp: IppSite) -> None:
    """The job waits on as it was; what had arrived of the document is gone."""
    job = await ipp.job((await ask(ipp, raw.CREATE_JOB)).value(JOB, "job-id"))
    body = raw.request(raw.SEND_DOCUMENT, TO_SHARE, of(job), LAST) + PDF
    head = (
        f"POST /printers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"
        f"Authorization: Bearer {await ipp.user_token()}\r\nContent-Length: {len(body) + 500}\r\n\r\n"
    )
    port = int(ipp.https.rpartition(":")[2])
    _, writer = await asyncio.open_connection(
        "localhost", port, ssl=ssl.create_default_context(cafile=str(ipp.ca))
    )
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    for _ in range(100):
        if not blobs(ipp):
            break
        await ask(ipp, raw.GET_JOBS)
    assert blobs(ipp) == []
    assert await ipp.job(job.id) == job
    assert (await ask(ipp, raw.SEND_DOCUMENT, of(job), LAST, data=PDF)).status == raw.OK


async def test_a_large_document_streams_in(ipp: IppSite) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield raw.request(raw.PRINT_JOB, TO_SHARE)
        yield b"%PDF-"
        for _ in range(200):
            yield bytes(100_000)

    answer = await ipp.ask(pieces(), await ipp.user_token())
    job = await ipp.job(answer.value(JOB, "job-id"))
    assert (job.document.size_bytes, job.document.format) == (20_000_005, "application/pdf")


async def test_a_job_has_one_document(ipp: IppSite) -> None:
    job = await ipp.job((await ask(ipp, raw.CREATE_JOB)).value(JOB, "job-id"))
    await ask(ipp, raw.SEND_DOCUMENT, of(job), NOT_LAST, data=PDF)
    before = await ipp.job(job.id)
    answer = await ask(ipp, raw.SEND_DOCUMENT, of(job), LAST, data=PDF)
    assert answer.status == raw.SECOND_DOCUMENT
    assert await ipp.job(job.id) == before
    await ask(ipp, raw.CLOSE_JOB, of(job))
    assert (await ask(ipp, raw.SEND_DOCUMENT, of(job), LAST, data=PDF)).status == raw.NOT_POSSIBLE


@pytest.mark.parametrize("operation", [raw.SEND_DOCUMENT, raw.CLOSE_JOB])
async def test_closing_before_the_document(ipp: IppSite, operation: int) -> None:
    job = await ipp.job((await ask(ipp, raw.CREATE_JOB)).value(JOB, "job-id"))
    assert (await ask(ipp, operation, of(job), LAST)).status == raw.NOT_POSSIBLE
    assert await ipp.job(job.id) == job
    assert (await ask(ipp, raw.SEND_DOCUMENT, of(job), data=PDF)).status == raw.BAD_REQUEST


async def test_who_may_print(ipp: IppSite) -> None:
    device = await ipp.device_token()
    application = await ipp.token(appid="service", roles=["PrintJob.ReadWriteBasic"])
    for token in (device, application):
        assert (await ipp.ask(raw.request(raw.CREATE_JOB, TO_SHARE), token)).status == raw.NOT_AUTHORIZED
    to_printer = a(URI, "printer-uri", f"ipp://x/printers/{PRINTER_ID}")
    answer = await ipp.ask(raw.request(raw.CREATE_JOB, to_printer), await ipp.user_token(ADMIN))
    assert (await ipp.job(answer.value(JOB, "job-id"))).share_id is None
    unnamed = await ipp.ask(raw.request(raw.CREATE_JOB), await ipp.user_token(), path=f"/printers/{SHARE}")
    assert unnamed.status == raw.BAD_REQUEST
    unknown = a(URI, "printer-uri", "ipp://x/printers/00000000-0000-0000-0000-000000000000")
    assert (await ipp.ask(raw.request(raw.CREATE_JOB, unknown), await ipp.user_token())).status == raw.NOT_FOUND


async def test_a_printer_that_takes_no_jobs(ipp: IppSite) -> None:
    await ipp.a_printer(is_accepting_jobs=False)
    for operation in (raw.VALIDATE_JOB, raw.CREATE_JOB, raw.PRINT_JOB):
        assert (await ask(ipp, operation, data=PDF)).status == raw.NOT_ACCEPTING
    assert await ipp.jobs() == []


async def test_cancel(ipp: IppSite) -> None:
    job = await print_pdf(ipp)
    assert (await ask(ipp, raw.CANCEL_JOB, of(job), user=BOB)).status == raw.NOT_AUTHORIZED
    assert await ipp.job(job.id) == job
    assert (await ask(ipp, raw.CANCEL_JOB, of(job))).status == raw.OK
    assert str((await ipp.job(job.id)).progress) == "canceled job-canceled-by-user"
    assert (await ask(ipp, raw.CANCEL_JOB, of(job))).status == raw.NOT_POSSIBLE


async def test_cancel_my_jobs(ipp: IppSite) -> None:
    mine, also_mine, bobs = await print_pdf(ipp), await print_pdf(ipp), await print_pdf(ipp, user=BOB)
    answer = await ask(ipp, raw.CANCEL_MY_JOBS, a(INTEGER, "job-ids", mine.number, bobs.number))
    assert answer.status == raw.NOT_POSSIBLE
    assert answer.values(raw.UNSUPPORTED_GROUP, "job-ids") == [bobs.number]
    assert await ipp.job(mine.id) == mine
    assert (await ask(ipp, raw.CANCEL_MY_JOBS, a(INTEGER, "job-ids", mine.number))).status == raw.OK
    assert (await ask(ipp, raw.CANCEL_MY_JOBS)).status == raw.OK
    states = [(await ipp.job(job.id)).state.keyword for job in (mine, also_mine, bobs)]
    assert states == ["canceled", "canceled", "pending"]


async def test_hold_and_release(ipp: IppSite) -> None:
    job = await print_pdf(ipp)
    assert (await ask(ipp, raw.RELEASE_JOB, of(job))).status == raw.NOT_POSSIBLE
    assert (await ask(ipp, raw.HOLD_JOB, of(job))).status == raw.OK
    held = await ipp.job(job.id)
    assert str(held.progress) == "pending-held job-hold-until-specified"
    take = raw.request(raw.ACKNOWLEDGE_JOB, raw.of_device(PRINTER_ID), of(job))
    assert (await ipp.ask(take, await ipp.device_token())).status == raw.NOT_FETCHABLE
    assert (await ask(ipp, raw.RELEASE_JOB, of(job))).status == raw.OK
    assert (await ipp.job(job.id)).is_fetchable


async def test_a_job_that_asks_to_be_held(ipp: IppSite) -> None:
    job = await print_pdf(ipp, JOB, a(KEYWORD, "job-hold-until", "indefinite"))
    assert str(job.progress) == "pending-held job-hold-until-specified"
    changed = await ask(ipp, raw.SET_JOB_ATTRIBUTES, of(job), JOB, a(KEYWORD, "job-hold-until", "no-hold"))
    assert changed.status == raw.OK
    assert (await ipp.job(job.id)).is_fetchable


async def test_set_job_attributes(ipp: IppSite) -> None:
    job = await print_pdf(ipp, JOB, a(INTEGER, "copies", 2))
    changes = a(NAME, "job-name", "New") + a(KEYWORD, "sides", "one-sided") + a(DELETE, "copies", b"")
    assert (await ask(ipp, raw.SET_JOB_ATTRIBUTES, of(job), JOB, changes)).status == raw.OK
    changed = await ipp.job(job.id)
    assert (changed.name, set(changed.template)) == ("New", {"sides"})
    answer = await ask(ipp, raw.SET_JOB_ATTRIBUTES, of(job), JOB, a(INTEGER, "job-state", 9), changes)
    assert answer.status == raw.NOT_SETTABLE
    assert answer.group(raw.UNSUPPORTED_GROUP) == {"job-state": (0x15, [b""])}
    answer = await ask(ipp, raw.SET_JOB_ATTRIBUTES, of(job), JOB, a(KEYWORD, "sides", "tumbled"))
    assert answer.status == raw.UNSUPPORTED
    assert await ipp.job(job.id) == changed
    assert (await ask(ipp, raw.SET_JOB_ATTRIBUTES, of(job), JOB, user=BOB)).status == raw.NOT_AUTHORIZED


async def test_set_printer_attributes_is_for_administrators(ipp: IppSite) -> None:
    token = await ipp.user_token(ADMIN, ["PrinterProperties.ReadWrite"])
    chosen = a(KEYWORD, "sides-default", "two-sided-long-edge")
    body = raw.request(raw.SET_PRINTER_ATTRIBUTES, TO_SHARE, PRINTER, chosen)
    ordinary = await ipp.user_token(ADA, ["PrinterProperties.ReadWrite"])
    assert (await ipp.ask(body, ordinary)).status == raw.NOT_AUTHORIZED
    assert (await ipp.ask(body, token)).status == raw.OK
    seen = await ask(ipp, raw.GET_PRINTER_ATTRIBUTES)
    assert seen.value(PRINTER, "sides-default") == "two-sided-long-edge"
    for part, status in (
        (a(KEYWORD, "sides-default", "tumbled"), raw.UNSUPPORTED),
        (a(KEYWORD, "printer-state", "x"), raw.NOT_SETTABLE),
    ):
        body = raw.request(raw.SET_PRINTER_ATTRIBUTES, TO_SHARE, PRINTER, part)
        assert (await ipp.ask(body, token)).status == status
    printer = await ipp.do(lambda tx: tx.get(Printer, PRINTER_ID))
    assert set(printer.defaults) == {"sides-default"}
    values = await ask(ipp, raw.GET_PRINTER_SUPPORTED_VALUES)
    assert values.values(PRINTER, "sides-default")[0] == "one-sided"


async def test_documents_of_a_job(ipp: IppSite) -> None:
    job = await ipp.job((await ask(ipp, raw.CREATE_JOB)).value(JOB, "job-id"))
    assert (await ask(ipp, raw.GET_DOCUMENTS, of(job))).all(DOCUMENT) == []
    number = a(INTEGER, "document-number", 1)
    assert (await ask(ipp, raw.GET_DOCUMENT_ATTRIBUTES, of(job), number)).status == raw.NOT_FOUND
    await ask(ipp, raw.SEND_DOCUMENT, of(job), LAST, data=PDF)
    listed = await ask(ipp, raw.GET_DOCUMENTS, of(job))
    assert [set(group) for group in listed.all(DOCUMENT)] == [{"document-number"}]
    seen = await ask(ipp, raw.GET_DOCUMENT_ATTRIBUTES, of(job), number)
    assert (seen.value(DOCUMENT, "document-state"), seen.value(DOCUMENT, "k-octets")) == (3, 11)


async def test_a_user_sees_their_own_jobs(ipp: IppSite) -> None:
    mine, bobs = await print_pdf(ipp), await print_pdf(ipp, user=BOB)
    listed = await ask(ipp, raw.GET_JOBS)
    assert [group["job-id"][1][0] for group in listed.all(JOB)] == [mine.number.to_bytes(4)]
    assert set(listed.group(JOB)) == {"job-id", "job-uri"}
    assert (await ask(ipp, raw.GET_JOB_ATTRIBUTES, of(bobs))).status == raw.NOT_AUTHORIZED
