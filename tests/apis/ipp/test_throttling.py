"""A limit is met: HTTP 429 with Retry-After, or server-error-busy, as the tenant chooses."""

import pytest

from tests.support.ipp import office_printer, raw
from tests.support.ipp.raw import OPERATION, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import PDF, SHARE, IppSite
from upsim.domain.limits import LimitName, LimitSettings

BUSY, TOO_MANY_JOBS = 0x0507, 0x050B
TO_SHARE = a(URI, "printer-uri", f"ipps://x/printers/{SHARE}")


@pytest.fixture(autouse=True)
async def _share(ipp: IppSite) -> None:
    await ipp.a_printer(attributes=office_printer.ATTRIBUTES)
    await ipp.a_share()


async def limited(ipp: IppSite, **more: str) -> str:
    """One job in ten minutes, and it is there; the user's token."""
    await ipp.settings(limits=LimitSettings(own={LimitName.JOBS_PER_USER: 1}, **more))
    token = await ipp.user_token()
    assert (await ipp.ask(raw.request(raw.CREATE_JOB, TO_SHARE), token)).status == raw.OK
    return token


@pytest.mark.parametrize("operation", [raw.CREATE_JOB, raw.PRINT_JOB])
async def test_http_says_it_with_the_time_to_wait(ipp: IppSite, operation: int) -> None:
    token = await limited(ipp)
    status, headers, body = await ipp.post(raw.request(operation, TO_SHARE) + PDF, token)
    assert status == 429
    assert int(headers["Retry-After"]) == 600
    assert {"request-id", "client-request-id", "x-ms-correlation-id"} <= {name.lower() for name in headers}
    assert b"limit" in body
    assert len(await ipp.jobs()) == 1


@pytest.mark.parametrize("operation", [raw.CREATE_JOB, raw.PRINT_JOB])
@pytest.mark.parametrize(
    ("chosen", "status"), [("server-error-busy", BUSY), ("server-error-too-many-jobs", TOO_MANY_JOBS)]
)
async def test_ipp_says_it_where_the_tenant_chooses_so(
    ipp: IppSite, operation: int, chosen: str, status: int
) -> None:
    token = await limited(ipp, ipp_answer=chosen)
    answer = await ipp.ask(raw.request(operation, TO_SHARE) + PDF, token)
    assert answer.status == status
    assert "limit" in answer.value(OPERATION, "status-message")
    assert len(await ipp.jobs()) == 1


async def test_other_operations_go_on(ipp: IppSite) -> None:
    token = await limited(ipp)
    assert (await ipp.ask(raw.request(raw.GET_JOBS, TO_SHARE), token)).status == raw.OK
    assert (await ipp.ask(raw.request(raw.VALIDATE_JOB, TO_SHARE), token)).status == raw.OK
