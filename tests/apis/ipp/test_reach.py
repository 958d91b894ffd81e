"""A printer reaches only its own data: what only its device may do is done by its own token or its connector's."""

from typing import Any

import aiohttp
import pytest

from tests.support.ipp import raw
from tests.support.ipp.raw import DOCUMENT, ENUM, INTEGER, JOB, KEYWORD, PRINTER
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADMIN, DEVICE_ROLES, OTHER_PRINTER, SHARE, TENANT, USER_SCOPES, IppSite
from tests.support.ipp.site import PRINTER as PRINTER_ID
from upsim.domain.device_xml import DeviceXml
from upsim.domain.identification import IdentifyRequest
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.services import identification, injections
from upsim.services.ports import SYSTEM

CONNECTOR, STRANGE_CONNECTOR = "c0c0a895-13f4-4044-a09b-a372e8990a6b", "d0d0a895-13f4-4044-a09b-a372e8990a6b"
ME = raw.of_device(PRINTER_ID)
JOB_ONE, DOCUMENT_ONE = a(INTEGER, "job-id", 1), a(INTEGER, "document-number", 1)
SET_PRINT_DEVICE_CAPABILITIES, SET_PRINT_CAPABILITIES = 0x5100, 0x5101


def asks(operation: int, *parts: bytes, document: bytes = b"") -> bytes:
    return raw.request(operation, ME, *parts) + document


OF_DEVICES = {
    "fetch-job": asks(raw.FETCH_JOB, JOB_ONE),
    "acknowledge-job": asks(raw.ACKNOWLEDGE_JOB, JOB_ONE),
    "fetch-document": asks(raw.FETCH_DOCUMENT, JOB_ONE, DOCUMENT_ONE),
    "acknowledge-document": asks(raw.ACKNOWLEDGE_DOCUMENT, JOB_ONE, DOCUMENT_ONE),
    "update-document-status": asks(
        raw.UPDATE_DOCUMENT_STATUS, JOB_ONE, DOCUMENT_ONE, DOCUMENT, a(ENUM, "output-device-document-state", 5)
    ),
    "update-job-status": asks(raw.UPDATE_JOB_STATUS, JOB_ONE, JOB, a(ENUM, "output-device-job-state", 9)),
    "update-active-jobs": asks(
        raw.UPDATE_ACTIVE_JOBS, a(INTEGER, "job-ids", 1), a(ENUM, "output-device-job-states", 3)
    ),
    "update-output-device-attributes": asks(
        raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, PRINTER, a(KEYWORD, "sides-supported", "one-sided")
    ),
    "acknowledge-identify-printer": asks(raw.ACKNOWLEDGE_IDENTIFY_PRINTER),
    "deregister-output-device": asks(raw.DEREGISTER_OUTPUT_DEVICE),
    "set-print-device-capabilities": asks(SET_PRINT_DEVICE_CAPABILITIES, document=b"<capabilities/>"),
    "set-print-capabilities": asks(SET_PRINT_CAPABILITIES, document=b"<capabilities/>"),
}
STRANGERS = ("application", "administrator", "another printer", "another connector")


async def token_of(ipp: IppSite, who: str) -> str:
    match who:
        case "application":
            return await ipp.token(appid="service", roles=list(DEVICE_ROLES))
        case "administrator":
            return await ipp.user_token(ADMIN, (*USER_SCOPES, "PrinterProperties.ReadWrite", "PrintJob.Read.All"))
        case "another printer":
            return await ipp.device_token(OTHER_PRINTER)
        case "another connector":
            return await ipp.device_token(STRANGE_CONNECTOR)
        case _:
            return await ipp.device_token(CONNECTOR)


async def set_up(ipp: IppSite) -> None:
    """A printer behind a connector with a job to fetch, asked to identify itself; another printer beside it."""
    await ipp.a_printer(connector_id=CONNECTOR)
    await ipp.a_printer(OTHER_PRINTER)
    await ipp.a_started_job()
    await ipp.do(identification.request, PRINTER_ID, ("flash",), "")


async def everything(ipp: IppSite) -> tuple[Any, ...]:
    return tuple(
        [await ipp.do(_all, entity) for entity in (Printer, IdentifyRequest, DeviceXml)]
    ), await ipp.jobs()


def _all(tx: Any, entity: Any) -> Any:
    return tx.find(Query(entity=entity))


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("body", OF_DEVICES.values(), ids=OF_DEVICES.keys())
async def test_nobody_else_does_what_a_device_does(ipp: IppSite, body: bytes, who: str) -> None:
    await set_up(ipp)
    before = await everything(ipp)
    answer = await ipp.ask(body, await token_of(ipp, who))
    assert answer.status == raw.NOT_AUTHORIZED, answer.message
    assert await everything(ipp) == before


async def test_a_connector_speaks_for_the_printers_registered_through_it(ipp: IppSite) -> None:
    await set_up(ipp)
    connector = await token_of(ipp, "its connector")
    taken = {}
    for name, body in OF_DEVICES.items():
        answer = await ipp.ask(body, connector)
        assert answer.status == raw.OK, (name, answer.groups)
        if name == "acknowledge-job":
            taken = (await ipp.ask(raw.request(raw.GET_JOB_ATTRIBUTES, ME, JOB_ONE), connector)).group(JOB)
    assert taken["output-device-uuid-assigned"][1] == [f"urn:uuid:{PRINTER_ID}".encode()]
    assert (await ipp.job(1)).state.keyword == "completed"


async def test_a_connector_must_say_for_which_printer(ipp: IppSite) -> None:
    await set_up(ipp)
    connector = await token_of(ipp, "its connector")
    assert (await ipp.ask(raw.request(raw.GET_JOBS), connector)).status == raw.NOT_FOUND
    elsewhere = raw.request(raw.GET_JOBS, raw.of_device(OTHER_PRINTER))
    assert (await ipp.ask(elsewhere, connector)).status == raw.NOT_AUTHORIZED
    await ipp.a_share()
    assert (await ipp.ask(raw.request(raw.GET_JOBS), connector, path=f"/printers/{SHARE}")).status == raw.OK


async def test_a_printer_that_is_cut_off_is_so_behind_its_connector_too(ipp: IppSite) -> None:
    await set_up(ipp)
    await ipp.site.store.write(SYSTEM, lambda tx: injections.set_offline(tx, TENANT, PRINTER_ID, is_offline=True))
    connector = await token_of(ipp, "its connector")
    with pytest.raises(aiohttp.ClientError):
        await ipp.post(OF_DEVICES["fetch-job"], connector)
    as_user = raw.request(raw.GET_JOBS, raw.attribute(raw.URI, "printer-uri", f"ipps://x/printers/{PRINTER_ID}"))
    assert (await ipp.ask(as_user, await ipp.user_token(ADMIN))).status == raw.OK
