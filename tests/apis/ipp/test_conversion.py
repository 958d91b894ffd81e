"""XPS for a printer that takes PDF: transforming, then a PDF with the pages it should have."""

import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.support.ipp import raw
from tests.support.ipp.raw import INTEGER, JOB, MIME, OPERATION, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import PRINTER as PRINTER_ID
from tests.support.ipp.site import SHARE, START, TENANT, IppSite
from upsim.domain.attributes import MIME_MEDIA_TYPE, many
from upsim.domain.document_formats import OXPS, PDF, XPS
from upsim.services import print_settings

TO_SHARE = a(URI, "printer-uri", f"ipps://x/printers/{SHARE}")
ME = raw.of_device(PRINTER_ID)


def an_xps(*sizes: tuple[int, int]) -> bytes:
    """A package with pages of these sizes, in 1/96 inch; the eleventh page follows the tenth."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as package:
        for number, (width, height) in enumerate(sizes, start=1):
            page = f'<FixedPage xmlns="http://schemas.openxps.org/oxps/v1.0" Height="{height}" Width="{width}"/>'
            package.writestr(f"Documents/1/Pages/{number}.fpage", page)
    return written.getvalue()


PAGES = [(816, 1056)] * 10 + [(1056, 816)]
DOCUMENT = an_xps(*PAGES)


@pytest.fixture
async def converting(ipp: IppSite) -> IppSite:
    await ipp.a_printer(attributes={"document-format-supported": many(MIME_MEDIA_TYPE, [PDF, "image/urf"])})
    await ipp.a_share()
    await ipp.do(print_settings.update, is_document_conversion_enabled=True)
    return ipp


async def print_xps(ipp: IppSite, *parts: bytes, data: bytes = DOCUMENT) -> raw.Answer:
    return await ipp.ask(raw.request(raw.PRINT_JOB, TO_SHARE, *parts) + data, await ipp.user_token())


async def fetch(ipp: IppSite, number: int, *parts: bytes) -> raw.Answer:
    body = raw.request(
        raw.FETCH_DOCUMENT, ME, a(INTEGER, "job-id", number), a(INTEGER, "document-number", 1), *parts
    )
    return await ipp.ask(body, await ipp.device_token())


@pytest.mark.parametrize("declared", [b"", a(MIME, "document-format", XPS), a(MIME, "document-format", OXPS)])
async def test_the_device_gets_a_pdf_with_its_pages(converting: IppSite, declared: bytes) -> None:
    made = await print_xps(converting, declared)
    assert made.value(JOB, "job-state-reasons") == "job-fetchable"
    fetched = await fetch(converting, made.value(JOB, "job-id"), a(MIME, "document-format-accepted", PDF))
    assert fetched.value(OPERATION, "document-format") == PDF
    pages = PdfReader(BytesIO(fetched.document)).pages
    assert [(page.mediabox.width, page.mediabox.height) for page in pages] == [
        (width * 0.75, height * 0.75) for width, height in PAGES
    ]
    assert PdfReader(BytesIO(fetched.document)).attachments == {"document.xps": [DOCUMENT]}
    again = await fetch(converting, made.value(JOB, "job-id"))
    assert again.document == fetched.document


async def test_until_it_is_converted_the_job_is_transforming(converting: IppSite) -> None:
    await converting.settings(jobs={"conversion_seconds": 30})
    number = (await print_xps(converting)).value(JOB, "job-id")
    assert str((await converting.job(number)).progress) == "pending job-queued job-transforming"
    assert (await fetch(converting, number)).status == raw.NOT_FETCHABLE
    moved = await converting.site.worker.advance(TENANT)
    assert moved.now == START + timedelta(seconds=30)
    assert [item.what for item in moved.happened] == ["converted"]
    assert str((await converting.job(number)).progress) == "pending job-fetchable"


async def test_a_job_is_canceled_while_it_is_transforming(converting: IppSite) -> None:
    await converting.settings(jobs={"conversion_seconds": 30})
    number = (await print_xps(converting)).value(JOB, "job-id")
    body = raw.request(raw.CANCEL_JOB, TO_SHARE, a(INTEGER, "job-id", number))
    assert (await converting.ask(body, await converting.user_token())).status == raw.OK
    moved = await converting.site.worker.advance(TENANT)
    assert moved.happened == []
    assert (await converting.job(number)).state.keyword == "canceled"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"PK\x03\x04 and no more", id="no package"),
        pytest.param(an_xps(), id="no page"),
        pytest.param(an_xps((816, 1056))[:-30], id="cut"),
    ],
)
async def test_what_cannot_be_converted_is_told_to_the_device(converting: IppSite, document: bytes) -> None:
    made = await print_xps(converting, a(MIME, "document-format", OXPS), data=document)
    assert made.status == raw.OK
    assert (await fetch(converting, made.value(JOB, "job-id"))).status == raw.FORMAT_ERROR


async def test_without_the_setting_the_printer_refuses_it(converting: IppSite) -> None:
    await converting.do(print_settings.update, is_document_conversion_enabled=False)
    for declared in (b"", a(MIME, "document-format", OXPS)):
        assert (await print_xps(converting, declared)).status == raw.FORMAT_NOT_SUPPORTED
    assert await converting.jobs() == []


async def test_a_printer_that_takes_xps_gets_it_as_it_is(converting: IppSite) -> None:
    await converting.a_printer(attributes={"document-format-supported": many(MIME_MEDIA_TYPE, [PDF, XPS])})
    made = await print_xps(converting)
    fetched = await fetch(converting, made.value(JOB, "job-id"))
    assert fetched.document == DOCUMENT
    assert fetched.value(OPERATION, "document-format") == XPS
