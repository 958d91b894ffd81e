"""Sixty-four connections at once: everyone is answered, every job is whole."""

import asyncio
import hashlib

import aiohttp

from tests.support.ipp import office_printer, raw
from tests.support.ipp.raw import BOOLEAN, INTEGER, JOB, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import PRINTER as PRINTER_ID
from tests.support.ipp.site import SHARE, IppSite
from upsim.domain.limits import LimitSettings

CONNECTIONS = 64
TO_SHARE = a(URI, "printer-uri", f"ipps://x/printers/{SHARE}")
LAST = a(BOOLEAN, "last-document", True)


async def one_client(ipp: IppSite, token: str, number: int) -> tuple[int, bytes]:
    """Look at the printer and print, on a connection of its own; the job's id and its document."""
    document = b"%PDF-1.7\n" + hashlib.shake_128(str(number).encode()).digest(20_000)
    headers = {"Content-Type": "application/ipp", "Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(headers=headers) as session:

        async def ask(body: bytes) -> raw.Answer:
            async with session.post(f"{ipp.http}/printers/{SHARE}", data=body) as response:
                assert response.status == 200
                answer = raw.parse(await response.read())
            assert answer.status == raw.OK, answer.message
            return answer

        seen = await ask(raw.request(raw.GET_PRINTER_ATTRIBUTES, TO_SHARE))
        assert seen.value(raw.PRINTER, "printer-name") == "Floor"
        made = (await ask(raw.request(raw.CREATE_JOB, TO_SHARE))).value(JOB, "job-id")
        await ask(raw.request(raw.SEND_DOCUMENT, TO_SHARE, a(INTEGER, "job-id", made), LAST) + document)
        assert (await ask(raw.request(raw.GET_PRINTER_ATTRIBUTES, TO_SHARE))).groups
        return made, document


async def test_sixty_four_clients_print_at_once(ipp: IppSite) -> None:
    await ipp.settings(limits=LimitSettings(profile="off"))
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    await ipp.a_share()
    token, device = await ipp.user_token(), await ipp.device_token()
    async with asyncio.timeout(180):
        made = dict(await asyncio.gather(*[one_client(ipp, token, number) for number in range(CONNECTIONS)]))
    assert len(made) == CONNECTIONS
    for job in await ipp.jobs():
        assert str(job.progress) == "pending job-fetchable"
        number, document = a(INTEGER, "job-id", job.number), a(INTEGER, "document-number", 1)
        body = raw.request(raw.FETCH_DOCUMENT, raw.of_device(PRINTER_ID), number, document)
        assert (await ipp.ask(body, device, base=ipp.http)).document == made.pop(job.number)
    assert made == {}
