"""Microsoft's device-capability operations: XML behind the message, in and out."""

from collections.abc import AsyncIterator

import pytest

from tests.support.ipp import raw
from tests.support.ipp.raw import PRINTER, TEXT, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import PRINTER as PRINTER_ID
from tests.support.ipp.site import SHARE, IppSite
from upsim.domain.device_xml import XML_BYTES_MAX, DeviceXml
from upsim.domain.query import Query

GET_DEVICE, GET_RESOURCES, SET_DEVICE, SET_CAPABILITIES = 0x5000, 0x5001, 0x5100, 0x5101
ME = raw.of_device(PRINTER_ID)
TO_SHARE = a(URI, "printer-uri", f"ipps://x/printers/{SHARE}")
PDC = '<?xml version="1.0" encoding="utf-8"?>\n<PrintDeviceCapabilities>é</PrintDeviceCapabilities>'.encode()
PC = b"<PrintCapabilities/>"
TOO_LARGE = b"<a>" + b" " * XML_BYTES_MAX + b"</a>"


async def device(ipp: IppSite, operation: int, xml: bytes = b"", *parts: bytes) -> raw.Answer:
    return await ipp.ask(in_pieces(raw.request(operation, ME, *parts) + xml), await ipp.device_token())


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1 << 16):
        yield body[start : start + (1 << 16)]


async def user(ipp: IppSite, operation: int) -> raw.Answer:
    return await ipp.ask(raw.request(operation, TO_SHARE), await ipp.user_token())


async def test_a_user_reads_what_the_device_gave(ipp: IppSite) -> None:
    await ipp.a_share()
    assert (await user(ipp, GET_DEVICE)).status == raw.NOT_FOUND
    assert (await device(ipp, SET_DEVICE, PDC)).status == raw.OK
    answer = await user(ipp, GET_DEVICE)
    assert (answer.status, answer.document) == (raw.OK, PDC)
    assert (await user(ipp, GET_RESOURCES)).status == raw.NOT_FOUND


async def test_the_older_schema_stands_in(ipp: IppSite) -> None:
    await ipp.a_share()
    assert (await device(ipp, SET_CAPABILITIES, PC)).status == raw.OK
    assert (await user(ipp, GET_DEVICE)).document == PC
    await device(ipp, SET_DEVICE, PDC)
    assert (await user(ipp, GET_DEVICE)).document == PDC


async def test_what_was_reported_as_an_attribute(ipp: IppSite) -> None:
    told = PRINTER + a(TEXT, "print-device-capabilites", PC.decode()) + a(TEXT, "print-device-resources", "<r/>")
    assert (await device(ipp, raw.UPDATE_OUTPUT_DEVICE_ATTRIBUTES, b"", told)).status == raw.OK
    assert (await device(ipp, GET_DEVICE)).document == PC
    assert (await device(ipp, GET_RESOURCES)).document == b"<r/>"


@pytest.mark.parametrize(
    ("xml", "status"),
    [
        pytest.param(b"", raw.BAD_REQUEST, id="nothing"),
        pytest.param(b"<a>", raw.BAD_REQUEST, id="not closed"),
        pytest.param(b"%PDF-1.7", raw.BAD_REQUEST, id="no XML"),
        pytest.param(b'<?xml version="1.0" encoding="none"?><a/>', raw.BAD_REQUEST, id="unknown encoding"),
        pytest.param(b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', raw.BAD_REQUEST, id="entities"),
        pytest.param(TOO_LARGE, raw.TOO_LARGE, id="too large"),
    ],
)
async def test_what_is_refused_changes_nothing(ipp: IppSite, xml: bytes, status: int) -> None:
    await device(ipp, SET_DEVICE, PDC)
    answer = await device(ipp, SET_DEVICE, xml)
    assert (answer.status, answer.document) == (status, b"")
    assert (await device(ipp, GET_DEVICE)).document == PDC


async def test_a_user_sets_nothing(ipp: IppSite) -> None:
    await ipp.a_share()
    answer = await ipp.ask(raw.request(SET_DEVICE, TO_SHARE) + PDC, await ipp.user_token())
    assert answer.status == raw.NOT_AUTHORIZED
    assert await ipp.do(lambda tx: tx.find(Query(entity=DeviceXml))) == []
