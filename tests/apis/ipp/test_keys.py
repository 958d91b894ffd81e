"""Short keys in place of tokens: for whom, over what, and what they open."""

from base64 import b64encode

import pytest

from tests.support.ipp import raw
from tests.support.ipp.raw import INTEGER, PRINTER, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADA, OTHER_PRINTER, SHARE, TENANT, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID
from upsim.domain.printer import Printer
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.client_keys import KeyAuthenticator

FOREIGN = "01234567-89ab-4cde-8f01-23456789abcd"


async def key(ipp: IppSite, path: str) -> dict[str, str]:
    """The `Authorization` header made of what the control API shows."""
    async with ipp.session.get(f"{ipp.https}/_upsim/tenants/{TENANT}/{path}") as response:
        shown = await response.json()
    return basic(shown["userName"], shown["key"])


def basic(name: str, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + b64encode(f"{name}:{secret}".encode()).decode()}


async def ask(ipp: IppSite, body: bytes, headers: dict[str, str], base: str = "") -> tuple[int, bytes]:
    status, _, content = await ipp.post(body, None, headers=headers, base=base)
    return status, content


async def test_a_device_with_its_key_is_the_device(ipp: IppSite) -> None:
    job = await ipp.a_started_job()
    headers = await key(ipp, f"printers/{PRINTER_ID}/device-key")
    body = raw.request(raw.ACKNOWLEDGE_JOB, raw.of_device(PRINTER_ID), a(INTEGER, "job-id", job.number))
    _, content = await ask(ipp, body, headers, base=ipp.http)
    assert raw.parse(content).status == raw.OK
    assert (await ipp.job(job.id)).acknowledged_by == PRINTER_ID


async def test_a_device_of_another_identity_attaches_by_its_key(ipp: IppSite) -> None:
    """ippproxy makes its UUID from the device's URI; the key says which printer it stands for."""
    job = await ipp.a_started_job()
    headers = await key(ipp, f"printers/{PRINTER_ID}/device-key")
    for operation in (raw.FETCH_JOB, raw.ACKNOWLEDGE_JOB):
        body = raw.request(operation, raw.of_device(FOREIGN), a(INTEGER, "job-id", job.number))
        assert raw.parse((await ask(ipp, body, headers))[1]).status == raw.OK
    assert (await ipp.job(job.id)).acknowledged_by == PRINTER_ID


async def test_a_key_opens_one_printer_only(ipp: IppSite) -> None:
    await ipp.a_printer(OTHER_PRINTER)
    headers = await key(ipp, f"printers/{PRINTER_ID}/device-key")
    _, content = await ask(ipp, raw.request(raw.GET_JOBS, raw.of_device(OTHER_PRINTER)), headers)
    assert raw.parse(content).status == raw.NOT_AUTHORIZED


async def test_a_user_with_their_key_is_the_user(ipp: IppSite) -> None:
    await ipp.a_share()
    headers = await key(ipp, f"users/{ADA.user_principal_name}/key")
    body = raw.request(raw.GET_PRINTER_ATTRIBUTES, a(URI, "printer-uri", f"ipp://x/printers/{SHARE}"))
    assert raw.parse((await ask(ipp, body, headers))[1]).value(PRINTER, "printer-name") == "Floor"


@pytest.mark.parametrize("secret", ["", "0" * 32, "x" * 5000])
async def test_a_wrong_key(ipp: IppSite, secret: str) -> None:
    for name in (PRINTER_ID, ADA.user_principal_name, "nobody", ""):
        status, _ = await ask(ipp, raw.request(raw.GET_JOBS), basic(name, secret))
        assert status == 401


async def test_the_key_of_a_printer_that_is_gone(ipp: IppSite) -> None:
    headers = await key(ipp, f"printers/{PRINTER_ID}/device-key")
    await ipp.do(lambda tx: tx.delete(tx.get(Printer, PRINTER_ID)))
    assert (await ask(ipp, raw.request(raw.GET_JOBS), headers))[0] == 401


async def test_a_key_never_crosses_a_network_in_clear(ipp: IppSite) -> None:
    header = (await key(ipp, f"printers/{PRINTER_ID}/device-key"))["Authorization"]
    authenticator = KeyAuthenticator(ipp.site.store)
    assert (await authenticator.authenticate(header, is_private=True))[0].printer_id == PRINTER_ID
    with pytest.raises(Refusal) as refusal:
        await authenticator.authenticate(header, is_private=False)
    assert (refusal.value.kind, refusal.value.reason) == (RefusalKind.UNAUTHENTICATED, "key-in-clear")
