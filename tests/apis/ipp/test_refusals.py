"""What the IPP API refuses, in which words, and that nothing changes by it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.support.ipp import raw
from tests.support.ipp.raw import ENUM, INTEGER, JOB, KEYWORD, NAME, TEXT, URI
from tests.support.ipp.raw import attribute as a
from tests.support.ipp.site import ADMIN, DEVICE_ROLES, OTHER_PRINTER, PRINTER, IppSite
from upsim.domain.printer import Printer

ME = raw.of_device(PRINTER)
TAKE = raw.request(raw.ACKNOWLEDGE_JOB, ME, a(INTEGER, "job-id", 1))


def finish(state: int = 9) -> bytes:
    return raw.request(
        raw.UPDATE_JOB_STATUS, ME, a(INTEGER, "job-id", 1), JOB, a(ENUM, "output-device-job-state", state)
    )


async def everything(ipp: IppSite) -> Any:
    return await ipp.jobs(), await ipp.do(lambda tx: tx.get(Printer, PRINTER))


async def refusal(ipp: IppSite, body: bytes, status: int, token: str = "") -> raw.Answer:
    """The request is refused with this status, says why, and changes nothing."""
    before = await everything(ipp)
    answer = await ipp.ask(body, token or await ipp.device_token())
    assert f"0x{answer.status:04x}" == f"0x{status:04x}", answer.message
    assert answer.message
    assert await everything(ipp) == before
    return answer


@pytest.mark.parametrize(
    ("claims", "sent"),
    [
        (None, {}),
        (None, {"Authorization": "Bearer x.y.z"}),
        (None, {"Authorization": "Basic !"}),
        ({"aud": "https://graph.microsoft.com"}, {}),
        ({"exp": 1}, {}),
        ({"tid": "00000000-0000-0000-0000-000000000000"}, {}),
    ],
    ids=["none", "no token", "no key", "audience", "expired", "tenant"],
)
async def test_without_a_good_token_it_is_http_401(
    ipp: IppSite, claims: dict[str, Any] | None, sent: dict[str, str]
) -> None:
    await ipp.a_started_job()
    token = None if claims is None else await ipp.token(deviceid=PRINTER, roles=list(DEVICE_ROLES), **claims)
    before = await everything(ipp)
    status, headers, _ = await ipp.post(TAKE, token, headers=sent)
    assert status == 401
    assert "WWW-Authenticate" in headers
    assert await everything(ipp) == before


async def test_the_token_of_another_printer(ipp: IppSite) -> None:
    await ipp.a_printer(OTHER_PRINTER)
    await ipp.a_started_job()
    other = await ipp.device_token(OTHER_PRINTER)
    await refusal(ipp, TAKE, raw.NOT_AUTHORIZED, other)
    own = raw.request(raw.ACKNOWLEDGE_JOB, raw.of_device(OTHER_PRINTER), a(INTEGER, "job-id", 1))
    await refusal(ipp, own, raw.NOT_FOUND, other)


async def test_a_token_without_the_permission(ipp: IppSite) -> None:
    await ipp.a_started_job()
    await refusal(ipp, TAKE, raw.NOT_AUTHORIZED, await ipp.device_token(roles=["Printers.Read"]))


async def test_a_user_is_no_device(ipp: IppSite) -> None:
    await ipp.a_started_job()
    await refusal(ipp, TAKE, raw.NOT_AUTHORIZED, await ipp.user_token())


async def test_an_application_is_no_device(ipp: IppSite) -> None:
    await ipp.a_started_job()
    token = await ipp.token(appid="service", roles=list(DEVICE_ROLES))
    await refusal(ipp, TAKE, raw.NOT_AUTHORIZED, token)


async def test_an_unknown_device(ipp: IppSite) -> None:
    nobody = "00000000-13f4-4044-a09b-a372e8990a6b"
    await refusal(ipp, raw.request(raw.GET_JOBS, raw.of_device(nobody)), raw.NOT_FOUND)
    token = await ipp.device_token(nobody)
    await refusal(ipp, raw.request(raw.GET_JOBS, raw.of_device(nobody)), raw.NOT_FOUND, token)


async def test_a_job_is_taken_once(ipp: IppSite) -> None:
    await ipp.a_started_job()
    assert (await ipp.ask(TAKE, await ipp.device_token())).status == raw.OK
    await refusal(ipp, TAKE, raw.NOT_FETCHABLE)
    await refusal(ipp, raw.request(raw.FETCH_JOB, ME, a(INTEGER, "job-id", 1)), raw.NOT_FETCHABLE)


async def test_what_not_fetchable_is_called_is_a_setting(ipp: IppSite) -> None:
    await ipp.an_uploaded_job()
    fetch = raw.request(raw.FETCH_JOB, ME, a(INTEGER, "job-id", 1))
    await refusal(ipp, fetch, raw.NOT_FETCHABLE)
    await ipp.settings(ipp={"not_fetchable_status": "not-possible"})
    await refusal(ipp, fetch, raw.NOT_POSSIBLE)


async def test_a_finished_job_takes_no_other_report(ipp: IppSite) -> None:
    await ipp.a_started_job()
    token = await ipp.device_token()
    for body in (TAKE, finish(), finish()):
        assert (await ipp.ask(body, token)).status == raw.OK
    await refusal(ipp, finish(5), raw.NOT_POSSIBLE)
    await ipp.settings(ipp={"finished_job_update_status": "internal-error"})
    await refusal(ipp, finish(5), raw.INTERNAL)


async def test_a_report_before_the_job_is_taken(ipp: IppSite) -> None:
    await ipp.a_started_job()
    await refusal(ipp, finish(), raw.NOT_POSSIBLE)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (raw.request(raw.FETCH_JOB, ME, a(INTEGER, "job-id", 99)), raw.NOT_FOUND),
        (raw.request(raw.FETCH_JOB, ME, a(INTEGER, "job-id", -1)), raw.NOT_FOUND),
        (raw.request(raw.FETCH_JOB, ME), raw.BAD_REQUEST),
        (raw.request(raw.FETCH_DOCUMENT, ME, a(INTEGER, "job-id", 1)), raw.BAD_REQUEST),
        (
            raw.request(raw.FETCH_DOCUMENT, ME, a(INTEGER, "job-id", 1), a(INTEGER, "document-number", 2)),
            raw.BAD_REQUEST,
        ),
        (raw.request(raw.GET_JOBS, ME, a(0x22, "my-jobs", True)), raw.BAD_REQUEST),
        (raw.request(raw.GET_JOBS, ME, a(INTEGER, "limit", 0)), raw.BAD_REQUEST),
        (raw.request(0x7FFF, ME), raw.OPERATION_NOT_SUPPORTED),
        (raw.request(0x0012, ME), raw.OPERATION_NOT_SUPPORTED),
        (raw.request(raw.GET_JOBS, ME, number=0), raw.BAD_REQUEST),
        (raw.request(raw.GET_JOBS, ME, ME), raw.BAD_REQUEST),
        (raw.request(raw.GET_JOBS, raw.PRINTER, raw.JOB), raw.BAD_REQUEST),
        (raw.request(raw.GET_JOBS, raw.OPERATION, ME), raw.BAD_REQUEST),
    ],
    ids=[
        "no such job",
        "negative job-id",
        "no job-id",
        "no document-number",
        "second document",
        "my-jobs of nobody",
        "limit 0",
        "unknown operation",
        "operation not served",
        "request-id 0",
        "attribute twice",
        "groups out of order",
        "two operation groups",
    ],
)
async def test_a_request_that_makes_no_sense(ipp: IppSite, body: bytes, status: int) -> None:
    await ipp.a_started_job()
    answer = await refusal(ipp, body, status)
    assert answer.number == int.from_bytes(body[4:8])
    assert answer.version == body[:2]


async def test_unknown_values_come_back_in_the_unsupported_group(ipp: IppSite) -> None:
    sent = a(TEXT, "which-jobs", "mine")
    answer = await refusal(ipp, raw.request(raw.GET_JOBS, ME, sent), raw.UNSUPPORTED)
    assert answer.group(raw.UNSUPPORTED_GROUP) == {"which-jobs": (TEXT, [b"mine"])}


async def test_a_device_that_reports_a_state_that_is_none(ipp: IppSite) -> None:
    await ipp.a_started_job()
    await ipp.ask(TAKE, await ipp.device_token())
    answer = await refusal(ipp, finish(12), raw.UNSUPPORTED)
    assert answer.group(raw.UNSUPPORTED_GROUP) == {"output-device-job-state": (ENUM, [b"\0\0\0\x0c"])}


@pytest.mark.parametrize(
    ("version", "status", "answered"),
    [
        (b"\x01\x00", raw.OK, b"\x01\x00"),
        (b"\x01\x01", raw.OK, b"\x01\x01"),
        (b"\x02\x02", raw.OK, b"\x02\x02"),
        (b"\x00\x00", raw.VERSION_NOT_SUPPORTED, b"\x01\x00"),
        (b"\x03\x00", raw.VERSION_NOT_SUPPORTED, b"\x02\x00"),
    ],
)
async def test_versions(ipp: IppSite, version: bytes, status: int, answered: bytes) -> None:
    answer = await ipp.ask(raw.request(raw.GET_JOBS, ME, version=version), await ipp.device_token())
    assert (answer.status, answer.version) == (status, answered)


async def test_a_message_that_is_known_is_judged_by_its_own_header(ipp: IppSite) -> None:
    """The same message again: another request-id is answered, another version or operation is another request."""
    token = await ipp.device_token()
    for number in (5, 6):
        answer = await ipp.ask(raw.request(raw.GET_JOBS, ME, number=number), token)
        assert (answer.status, answer.number) == (raw.OK, number)
    told = [
        raw.request(raw.GET_JOBS, ME, version=b"\x03\x00"),
        raw.request(raw.GET_JOBS, ME, number=0),
        raw.request(0x0012, ME),
        raw.request(raw.FETCH_JOB, ME),
    ]
    statuses = [(await ipp.ask(body, token)).status for body in told]
    assert statuses == [raw.VERSION_NOT_SUPPORTED, raw.BAD_REQUEST, raw.OPERATION_NOT_SUPPORTED, raw.BAD_REQUEST]


async def test_a_known_message_names_another_job_by_its_url(ipp: IppSite) -> None:
    await ipp.a_started_job()
    token, body = await ipp.device_token(), raw.request(raw.GET_JOB_ATTRIBUTES, ME)
    assert (await ipp.ask(body, token, path=f"/printers/{PRINTER}/jobs/1")).value(JOB, "job-id") == 1
    assert (await ipp.ask(body, token, path=f"/printers/{PRINTER}/jobs/2")).status == raw.NOT_FOUND
    assert (await ipp.ask(body, token)).status == raw.BAD_REQUEST


def with_head(*head: bytes) -> bytes:
    return b"\x02\x00\x00\x0a\x00\x00\x00\x07\x01" + b"".join(head) + ME + b"\x03"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (with_head(a(0x47, "attributes-charset", "UTF-8"), a(0x48, "attributes-natural-language", "")), raw.OK),
        (
            with_head(a(0x47, "attributes-charset", "utf-16"), a(0x48, "attributes-natural-language", "en")),
            raw.CHARSET_NOT_SUPPORTED,
        ),
        (
            with_head(a(0x48, "attributes-natural-language", "en"), a(0x47, "attributes-charset", "utf-8")),
            raw.BAD_REQUEST,
        ),
        (with_head(a(0x47, "attributes-charset", "utf-8")), raw.BAD_REQUEST),
        (with_head(), raw.BAD_REQUEST),
        (b"\x02\x00\x00\x0a\x00\x00\x00\x07\x03", raw.BAD_REQUEST),
    ],
    ids=["as Microsoft writes", "other charset", "wrong order", "no language", "neither", "no group"],
)
async def test_charset_and_language_come_first(ipp: IppSite, body: bytes, status: int) -> None:
    answer = await ipp.ask(body, await ipp.device_token())
    assert (answer.status, answer.number) == (status, 7)


@pytest.mark.parametrize(
    ("operation", "part", "status", "named"),
    [
        pytest.param(raw.GET_JOBS, a(KEYWORD, "which-jobs", "mine"), 0x040B, {"which-jobs"}, id="which-jobs"),
        pytest.param(raw.GET_JOBS, ME, raw.BAD_REQUEST, {"printer-uri", "output-device-uuid"}, id="twice"),
        pytest.param(raw.GET_JOBS, a(NAME, "x", "n" * 256), raw.TOO_LONG, {"x"}, id="too long"),
        pytest.param(raw.UPDATE_JOB_STATUS, a(ENUM, "job-id", 1), None, set(), id="job-id as enum"),
    ],
)
async def test_the_offending_attributes_are_named(
    ipp: IppSite, operation: int, part: bytes, status: int | None, named: set[str]
) -> None:
    answer = await ipp.ask(raw.request(operation, ME, part), await ipp.device_token())
    if status is None:
        assert answer.status == raw.NOT_FOUND  # an enum is taken for the integer that is meant
    else:
        assert answer.status == status
        assert set(answer.group(raw.UNSUPPORTED_GROUP)) == named


@pytest.mark.parametrize("operation", [raw.GET_JOB_ATTRIBUTES, raw.CANCEL_JOB, raw.SEND_DOCUMENT, raw.CLOSE_JOB])
async def test_the_job_of_another_printer(ipp: IppSite, operation: int) -> None:
    """It is as good as absent, and stays as it was."""
    await ipp.a_printer(OTHER_PRINTER)
    await ipp.a_share()
    job = await ipp.a_started_job()
    elsewhere = a(URI, "printer-uri", f"ipps://x/printers/{OTHER_PRINTER}")
    last = a(0x22, "last-document", True)
    body = raw.request(operation, elsewhere, a(INTEGER, "job-id", job.number), last)
    answer = await ipp.ask(body, await ipp.user_token(ADMIN))
    assert answer.status == raw.NOT_FOUND
    assert await ipp.job(job.id) == job


@pytest.mark.parametrize("value", [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff"])
async def test_a_bad_job_id(ipp: IppSite, value: bytes) -> None:
    await ipp.a_started_job()
    for operation in (raw.FETCH_JOB, raw.ACKNOWLEDGE_JOB, raw.GET_JOB_ATTRIBUTES, raw.CANCEL_JOB):
        await refusal(ipp, raw.request(operation, ME, a(INTEGER, "job-id", value)), raw.NOT_FOUND)
    await refusal(ipp, raw.request(raw.FETCH_JOB, ME, a(KEYWORD, "job-id", "one")), raw.BAD_REQUEST)


async def test_a_value_that_is_too_long(ipp: IppSite) -> None:
    long = a(KEYWORD, "which-jobs", "k" * 256)
    answer = await refusal(ipp, raw.request(raw.GET_JOBS, ME, long), raw.TOO_LONG)
    assert answer.group(raw.UNSUPPORTED_GROUP) == {"which-jobs": (0x10, [b""])}
    await refusal(ipp, raw.request(raw.GET_JOBS, ME, a(URI, "requesting-user-uri", "u" * 1024)), raw.TOO_LONG)


async def test_a_request_cut_anywhere(ipp: IppSite) -> None:
    """HTTP 400 while the header is not complete, an IPP answer from then on; never anything done."""
    await ipp.a_started_job()
    before, token = await everything(ipp), await ipp.device_token()
    for end in range(len(TAKE)):
        status, _, body = await ipp.post(TAKE[:end], token)
        if end < 8:
            assert status == 400
        else:
            assert (status, raw.parse(body).status) == (200, raw.BAD_REQUEST)
    assert await everything(ipp) == before


async def test_a_request_octet_by_octet(ipp: IppSite) -> None:
    await ipp.a_started_job()

    async def pieces() -> AsyncIterator[bytes]:
        for octet in TAKE:
            yield bytes([octet])

    assert (await ipp.ask(pieces(), await ipp.device_token())).status == raw.OK


async def test_structure_is_strict(ipp: IppSite) -> None:
    nameless = b"\x02\x00\x00\x0a\x00\x00\x00\x01\x01\x47\x00\x00\x00\x05utf-8\x03"
    short_integer = raw.request(raw.FETCH_JOB, ME, a(INTEGER, "job-id", b"\x00\x01"))
    for body in (nameless, short_integer):
        await refusal(ipp, body, raw.BAD_REQUEST)


async def test_a_body_that_is_not_ipp(ipp: IppSite) -> None:
    token = await ipp.device_token()
    status, _, _ = await ipp.post(TAKE, token, headers={"Content-Type": "application/json"})
    assert status == 415
    status, _, _ = await ipp.post(b"", token)
    assert status == 400


async def test_other_paths_and_methods(ipp: IppSite) -> None:
    token = await ipp.device_token()
    assert (await ipp.post(TAKE, token, path="/printers/a/b"))[0] == 404
    async with ipp.session.get(ipp.https + "/printers") as response:
        assert response.status == 405
        assert response.headers["Allow"] == "POST"
