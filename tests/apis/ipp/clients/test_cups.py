"""CUPS as a user's client: an `everywhere` queue on a share, from `lp` to the device's last report."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader, PdfWriter

from tests.support.ipp import office_printer, raw
from tests.support.ipp.private_cups import private_cups
from tests.support.ipp.raw import BOOLEAN, ENUM, EVENT, INTEGER, JOB, KEYWORD, SUBSCRIPTION, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADA, SHARE, TENANT, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID
from tests.support.peers import require_program

ME = raw.of_device(PRINTER_ID)
PATIENCE_SECONDS = 120
SIDES = "two-sided-long-edge"


@pytest.fixture
async def office(ipp: IppSite) -> IppSite:
    await ipp.settings(ipp={"open_printer_attributes": True})
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    await ipp.a_share()
    return ipp


async def device(ipp: IppSite, operation: int, *parts: bytes) -> raw.Answer:
    answer = await ipp.ask(raw.request(operation, ME, *parts), await ipp.device_token())
    assert answer.status == raw.OK
    return answer


async def subscribe(ipp: IppSite) -> int:
    wish = SUBSCRIPTION + a(KEYWORD, "notify-pull-method", "ippget") + a(KEYWORD, "notify-events", "job-fetchable")
    return (await device(ipp, 0x16, wish)).value(SUBSCRIPTION, "notify-subscription-id")


async def next_job(ipp: IppSite, subscription: int) -> int:
    """The id of the first job that the device is told of."""
    asked = a(INTEGER, "notify-subscription-ids", subscription) + a(BOOLEAN, "notify-wait", True)
    while not (told := await device(ipp, 0x1C, asked)).all(EVENT):
        pass
    return told.value(EVENT, "job-id")


async def address(ipp: IppSite, base: str) -> str:
    """The device URI, with the user's short key."""
    async with ipp.session.get(
        f"{ipp.https}/_upsim/tenants/{TENANT}/users/{ADA.user_principal_name}/key"
    ) as shown:
        key = await shown.json()
    scheme, _, host = getattr(ipp, base).partition("://")
    user = key["userName"].replace("@", "%40")
    return f"{'ipps' if scheme == 'https' else 'ipp'}://{user}:{key['key']}@{host}/printers/{SHARE}"


def a_pdf(path: Path) -> bytes:
    writer = PdfWriter()
    for _ in range(3):
        writer.add_blank_page(595, 842)
    writer.write(path)
    return path.read_bytes()


@pytest.mark.parametrize(("base", "is_raw"), [("https", True), ("http", True), ("https", False)])
async def test_what_lp_prints_the_device_gets(office: IppSite, tmp_path: Path, base: str, is_raw: bool) -> None:
    """As it is with `-o raw`; through CUPS' filters it is another PDF of as many pages."""
    require_program("lp")
    sent = a_pdf(tmp_path / "report.pdf")
    subscription = await subscribe(office)
    async with private_cups() as cups, asyncio.timeout(PATIENCE_SECONDS):
        await cups.run("lpadmin", "-p", "up", "-E", "-v", await address(office, base), "-m", "everywhere")
        ppd = await cups.until_file("root/ppd/up.ppd")
        assert "application/pdf" in ppd.read_text()
        options = ["-o", "raw"] if is_raw else ["-n", "2", "-o", f"sides={SIDES}"]
        await cups.run("lp", "-d", "up", "-t", "Report", *options, str(tmp_path / "report.pdf"))
        number = a(INTEGER, "job-id", await next_job(office, subscription))
        job = await device(office, raw.FETCH_JOB, number)
        assert job.value(JOB, "job-name") == "Report"
        assert job.value(JOB, "job-originating-user-uri") == f"mailto:{ADA.user_principal_name}"
        await device(office, raw.ACKNOWLEDGE_JOB, number)
        fetched = (await device(office, raw.FETCH_DOCUMENT, number, a(INTEGER, "document-number", 1))).document
        if is_raw:
            assert fetched == sent
        else:
            assert len(PdfReader(BytesIO(fetched)).pages) >= 3
            assert job.value(JOB, "sides") == SIDES
        for state in (5, 9):
            await device(office, raw.UPDATE_JOB_STATUS, number, JOB, a(ENUM, "output-device-job-state", state))
        await cups.until_done("up")


async def test_only_the_attributes_are_open(office: IppSite) -> None:
    """Without credentials a printer's own URL tells what it is; all else is challenged, and elsewhere this too."""
    to_share = a(URI, "printer-uri", f"ipp://x/printers/{SHARE}")
    path = f"/printers/{SHARE}"
    status, _, body = await office.post(raw.request(raw.GET_PRINTER_ATTRIBUTES, to_share), None, path=path)
    assert (status, raw.parse(body).value(raw.PRINTER, "printer-name")) == (200, "Floor")
    for operation in (raw.GET_JOBS, raw.CREATE_JOB, raw.GET_OUTPUT_DEVICE_ATTRIBUTES, 0x5000):
        status, headers, _ = await office.post(raw.request(operation, to_share), None, path=path)
        assert (status, headers["WWW-Authenticate"]) == (401, 'Basic realm="upsim"')
    for elsewhere in ("/printers", "/printers/nowhere"):
        assert (await office.post(raw.request(raw.GET_PRINTER_ATTRIBUTES, to_share), None, path=elsewhere))[
            0
        ] == 401
    await office.settings()
    assert (await office.post(raw.request(raw.GET_PRINTER_ATTRIBUTES, to_share), None, path=path))[0] == 401
    assert await office.jobs() == []
