"""CUPS' ipptool as a client: Basic with a short key, IPP 1.1 and 2.0, over TLS and in clear on loopback."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.support.ipp import office_printer
from tests.support.ipp.site import ADA, PDF, PRINTER, SHARE, TENANT, IppSite
from tests.support.peers import require_program
from upsim.domain.caller import Caller
from upsim.domain.job import Job
from upsim.services.jobs import device as device_jobs

SUITES = Path("/usr/share/cups/ipptool")


async def ipptool(
    ipp: IppSite,
    home: Path,
    user: str,
    test: str,
    *options: str,
    base: str = "https",
    may_fail: Sequence[str] = (),
    printer: str = PRINTER,
) -> str:
    """The output of one of ipptool's own test files, in which nothing else than `may_fail` fails."""
    program = require_program("ipptool")
    host = getattr(ipp, base).partition("//")[2]
    scheme = "ipps" if base == "https" else "ipp"
    process = await asyncio.create_subprocess_exec(
        program,
        "-t",
        *options,
        f"{scheme}://{user}@{host}/printers/{printer}",
        test,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "HOME": str(home)},
    )
    output, _ = await process.communicate()
    text = output.decode()
    assert set(failed(text)) <= set(may_fail), text
    return text


def failed(output: str) -> list[str]:
    """Names of tests that ipptool says failed."""
    return [line.rpartition("[")[0].strip() for line in output.splitlines() if line.endswith("[FAIL]")]


async def device_key(ipp: IppSite) -> str:
    """User name and key, as the control API shows them."""
    path = f"/_upsim/tenants/{TENANT}/printers/{PRINTER}/device-key"
    async with ipp.session.get(ipp.https + path) as response:
        shown = await response.json()
    assert len(f"{shown['userName']}:{shown['key']}") < 191
    return f"{shown['userName']}:{shown['key']}"


@pytest.mark.parametrize("base", ["https", "http"])
@pytest.mark.parametrize("version", ["1.1", "2.0"])
@pytest.mark.parametrize("test", ["get-printer-attributes.test", "get-jobs.test"])
async def test_a_device_asks_with_its_key(
    ipp: IppSite, tmp_path: Path, test: str, version: str, base: str
) -> None:
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    await ipp.a_started_job()
    output = await ipptool(ipp, tmp_path, await device_key(ipp), test, "-V", version, base=base)
    assert "[PASS]" in output


UNKNOWN_DATES = [
    "RFC 8011 section 4.2.6: Get-Jobs Operation (requested-attributes)",
    "RFC 8011 section 4.3.4: Get-Job-Attributes Operation",
]
"""ipptool takes no-value or a date for date-time-at-*; the service answers unknown until the date is reached.

A job that is printed before ipptool looks has its dates.
"""
UNASKED_DATABASE = "Get-Printer-Attributes (requested-attributes='media-col-database')"
EVERYWHERE = "PWG 5100.14 section 5.1/5.2 - Required Operations and Attributes"


@pytest.fixture
async def busy(ipp: IppSite) -> AsyncIterator[IppSite]:
    """The office printer behind a share, with a device that prints whatever comes, a moment later."""
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    await ipp.a_share()
    working = asyncio.create_task(_print_all(ipp))
    yield ipp
    working.cancel()


async def _print_all(ipp: IppSite) -> None:
    """Take what is fetchable; a round later it is printed."""
    device = Caller(kind="device", tenant_id=TENANT, printer_id=PRINTER)
    rounds = asyncio.Event()  # never set: waiting for it is a pause
    taken: list[Job] = []
    while True:
        for job in taken:
            if not (await ipp.job(job.id)).state.is_terminal:
                for state in (5, 9):
                    await ipp.do(device_jobs.update_status, device, PRINTER, job.number, state=state)
        taken = await ipp.do(device_jobs.list_jobs, PRINTER, which="fetchable")
        for job in taken:
            await ipp.do(device_jobs.acknowledge, device, PRINTER, job.number)
        await asyncio.wait([asyncio.create_task(rounds.wait())], timeout=0.3)


async def user_key(ipp: IppSite) -> str:
    path = f"/_upsim/tenants/{TENANT}/users/{ADA.user_principal_name}/key"
    async with ipp.session.get(ipp.https + path) as response:
        shown = await response.json()
    return f"{shown['userName'].replace('@', '%40')}:{shown['key']}"


async def test_the_suite_of_get_printer_attributes(ipp: IppSite, tmp_path: Path) -> None:
    """All but the fifth: that one asks for 'all' and then expects nothing but media-col-database."""
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    output = await ipptool(
        ipp,
        tmp_path,
        await device_key(ipp),
        "get-printer-attributes-suite.test",
        "-I",
        may_fail=[UNASKED_DATABASE],
    )
    assert failed(output) == [UNASKED_DATABASE]


@pytest.mark.parametrize("suite", ["ipp-1.1.test", "ipp-2.0.test"])
async def test_the_suites_of_the_versions(busy: IppSite, tmp_path: Path, suite: str) -> None:
    """As a user, against a share whose device prints (docs/reference/ipptool.md)."""
    options = ("-I", "-f", str(a_pdf(tmp_path)))
    test, key = str(_with_samples(tmp_path) / suite), await user_key(busy)
    output = await ipptool(busy, tmp_path, key, test, *options, may_fail=UNKNOWN_DATES, printer=SHARE)
    assert "cannot be read" not in output


async def test_what_ipp_everywhere_asks_of_a_printer(busy: IppSite, tmp_path: Path) -> None:
    """The first test of the suite; its others print samples that Debian leaves out. It misspells one keyword."""
    await busy.a_printer(attributes=office_printer.EVERYWHERE)
    suite = tmp_path / "everywhere.test"
    text = (SUITES / "ipp-everywhere.test").read_text().replace('INCLUDE "ipp-2.0.test"', "")
    suite.write_text(text[: text.index('NAME "Print color.jpg-4x6')].rpartition("{")[0])
    output = await ipptool(busy, tmp_path, await user_key(busy), str(suite), may_fail=[EVERYWHERE], printer=SHARE)
    expected = [line.strip() for line in output.splitlines() if line.strip().startswith("EXPECTED")]
    assert expected == ['EXPECTED: overrides-supported WITH-VALUE "document-number"']


def _with_samples(folder: Path) -> Path:
    """The suites with the documents that Debian leaves out of them."""
    suites = folder / "suites"
    shutil.copytree(SUITES, suites)
    for name in re.findall(r"^\s*FILE ([\w.-]+)$", (suites / "ipp-1.1.test").read_text(), re.MULTILINE):
        (suites / name).write_bytes(PDF)
    return suites


@pytest.mark.parametrize(
    "test",
    [
        "validate-job.test",
        "print-job.test",
        "print-job-gzip.test",
        "print-job-deflate.test",
        "print-job-hold.test",
        "print-job-letter.test",
        "print-job-and-wait.test",
        "create-job.test",
        "create-printer-subscription.test",
        "get-subscriptions.test",
        "get-completed-jobs.test",
        "get-job-template-attributes.test",
        "get-printer-description-attributes.test",
        "identify-printer.test",
        "identify-printer-display.test",
        "identify-printer-multiple.test",
        "create-job-format.test",
        "create-job-sheets.test",
        "fax-job.test",
        "ipp-backend.test",
        "print-job-manual.test",
        "print-job-media-col.test",
        "print-job-password.test",
    ],
)
async def test_single_operations_of_a_user(busy: IppSite, tmp_path: Path, test: str) -> None:
    options = ("-I", "-f", str(a_pdf(tmp_path)))
    output = await ipptool(busy, tmp_path, await user_key(busy), test, *options, printer=SHARE)
    assert "[PASS]" in output


def a_pdf(folder: Path) -> Path:
    path = folder / "a.pdf"
    path.write_bytes(PDF)
    return path
