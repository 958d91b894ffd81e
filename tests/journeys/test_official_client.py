"""A document from Microsoft's Graph SDK to a printer that proves itself with its own certificate."""

import hashlib
import json
import random
import ssl
import urllib.request
from pathlib import Path

import pytest

from examples.print_a_pdf import CLIENT_ID, connect, print_document
from tests.support.processes import Process
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Wire


def a_document(folder: Path, size_bytes: int) -> Path:
    document = folder / f"{size_bytes}.pdf"
    document.write_bytes(random.Random(size_bytes).randbytes(size_bytes))
    return document


def approves(process: Process) -> object:
    """What a person would do with the code, without the browser."""

    def approve(verification_uri: str, user_code: str, expires_on: object) -> None:
        request = urllib.request.Request(
            f"{process.https}/_upsim/device-codes/{user_code}/approve",
            data=json.dumps({"userPrincipalName": "alex@contoso.example"}).encode(),
            headers={"Content-Type": "application/json"},
        )
        context = ssl.create_default_context(cafile=process.ca)
        urllib.request.urlopen(request, context=context, timeout=10).close()

    return approve


@pytest.mark.parametrize("size_bytes", [1, 1_000_000, 100_000_000])
async def test_the_printer_gets_the_bytes_that_the_sdk_sent(
    upsim_process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size_bytes: int
) -> None:
    document = a_document(tmp_path, size_bytes)
    monkeypatch.setenv("SSL_CERT_FILE", upsim_process.ca)
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
    async with Wire("test", upsim_process.https, Path(upsim_process.ca).read_text()) as wire:
        admin = Person(wire, upsim_process.tenant_id, CLIENT_ID, "admin@contoso.example")
        await admin.sign_in_with_browser()
        device = await PrinterDevice.register(wire, admin, f"Lab {size_bytes}")
        await device.prove_itself()
        await device.describe_itself()
        share_id = await admin.share(device.printer_id, f"Share {size_bytes}")

        client = connect(upsim_process.https, upsim_process.ca, prompt_callback=approves(upsim_process))
        job_id = await print_document(client, share_id, document)

        assert await device.fetchable_jobs() == [int(job_id)]
        await device.acknowledge(int(job_id))
        digest = await device.fetch_document(int(job_id), tmp_path / "fetched")
        assert digest == hashlib.sha256(document.read_bytes()).hexdigest()
        await device.report(int(job_id), 9, "job-completed-successfully")
        job = await client.print.shares.by_printer_share_id(share_id).jobs.by_print_job_id(job_id).get()
        assert job is not None
        assert job.status is not None
        assert (job.status.state.value, job.status.is_acquired_by_printer) == ("completed", True)
        await client.request_adapter._http_client._transport.transport.aclose()  # there is no public way
