"""CUPS' ipptool as a client: Basic with a short key, IPP 1.1 and 2.0, over TLS and in clear on loopback."""

import asyncio
import os
from pathlib import Path

import pytest

from tests.faces.ipp import office_printer
from tests.faces.ipp.site import PRINTER, TENANT, IppSite
from tests.peers import require_program


async def ipptool(
    ipp: IppSite, home: Path, user: str, test: str, *options: str, base: str = "https", fails: int = 0
) -> str:
    """The output of one of ipptool's own test files, which must report `fails` failures."""
    program = require_program("ipptool")
    host = getattr(ipp, base).partition("//")[2]
    scheme = "ipps" if base == "https" else "ipp"
    process = await asyncio.create_subprocess_exec(
        program,
        "-t",
        *options,
        f"{scheme}://{user}@{host}/printers/{PRINTER}",
        test,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "HOME": str(home)},
    )
    output, _ = await process.communicate()
    text = output.decode()
    assert len(failed(text)) == fails, text
    assert (process.returncode == 0) == (fails == 0), text
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


async def test_the_suite_of_get_printer_attributes(ipp: IppSite, tmp_path: Path) -> None:
    """All but the fifth: that one asks for 'all' and then expects nothing but media-col-database."""
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    output = await ipptool(
        ipp, tmp_path, await device_key(ipp), "get-printer-attributes-suite.test", "-I", fails=1
    )
    assert failed(output) == ["Get-Printer-Attributes (requested-attributes='media-col-database')"]
