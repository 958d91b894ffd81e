"""Every answer carries the headers by which a call is found again; clients print them when something fails."""

import pytest

from tests.support.ipp import raw
from tests.support.ipp.raw import INTEGER
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import PRINTER, IppSite

ME = raw.of_device(PRINTER)
JOB_1, DOCUMENT_1 = a(INTEGER, "job-id", 1), a(INTEGER, "document-number", 1)
NAMES = ("request-id", "client-request-id", "x-ms-correlation-id")


@pytest.mark.parametrize(
    ("body", "path", "status"),
    [
        pytest.param(raw.request(raw.GET_JOBS, ME), "/printers", 200, id="success"),
        pytest.param(raw.request(raw.FETCH_DOCUMENT, ME, JOB_1, DOCUMENT_1), "/printers", 200, id="a document"),
        pytest.param(
            raw.request(raw.FETCH_JOB, ME, a(INTEGER, "job-id", 99)), "/printers", 200, id="an IPP error"
        ),
        pytest.param(raw.request(0x7FFF, ME), "/printers", 200, id="an unknown operation"),
        pytest.param(b"\x02", "/printers", 400, id="no message"),
        pytest.param(raw.request(raw.GET_JOBS), "/printers/a/b", 404, id="no such path"),
    ],
)
async def test_whatever_the_answer(ipp: IppSite, body: bytes, path: str, status: int) -> None:
    await ipp.a_started_job()
    told = {"client-request-id": "11111111-2222-4333-8444-555555555555"}
    found, headers, _ = await ipp.post(body, await ipp.device_token(), path=path, headers=told)
    lower = {name.lower(): value for name, value in headers.items()}
    assert found == status
    assert lower["client-request-id"] == told["client-request-id"]
    assert lower["request-id"] == lower["x-ms-correlation-id"] != ""


async def test_without_a_token_too(ipp: IppSite) -> None:
    status, headers, _ = await ipp.post(raw.request(raw.GET_JOBS, ME), None)
    assert status == 401
    assert {name.lower() for name in headers} >= set(NAMES)
