"""Injections that a test imposes, met by clients that know nothing of them."""

import asyncio
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.support.control import Office
from tests.support.polling import PATIENCE_SECONDS
from upsim.actors.wire import ActorError, trusting

T = TypeVar("T")


async def statuses(office: Office, calls: int, path: str = "") -> list[int]:
    return [(await office.as_alex("GET", path or office.jobs)).status for _ in range(calls)]


@pytest.mark.parametrize(
    ("occurrence", "expected"),
    [
        ({"nth": 3}, [200, 200, 503, 200, 200, 200]),
        ({"every": 2}, [200, 503, 200, 503, 200, 503]),
        ({"start": 4}, [200, 200, 200, 503, 503, 503]),
        ({"times": 1}, [503, 200, 200, 200, 200, 200]),
        ({"times": 2, "start": 2}, [200, 503, 503, 200, 200, 200]),
        ({"times": 1, "every": 2}, [200, 503, 200, 200, 200, 200]),
        ({}, [503, 503, 503, 503, 503, 503]),
    ],
)
async def test_the_occurrence_is_exact(office: Office, occurrence: dict[str, Any], expected: list[int]) -> None:
    made = await office.impose(operation="graph.share.job.*", answer={"status": 503}, **occurrence)
    assert await statuses(office, 6) == expected
    _, shown = await office.control("GET", f"/injections/{made['id']}")
    assert (shown["met"], shown["fired"]) == (6, expected.count(503))


async def test_graph_says_it_in_its_own_words(office: Office) -> None:
    await office.impose(
        operation="graph.share.job.*",
        answer={"status": 429, "retryAfterSeconds": 7, "code": "activityLimitReached"},
    )
    answer = await office.as_alex("GET", office.jobs)
    error = answer.json()["error"]
    assert (answer.status, answer.headers["Retry-After"]) == (429, "7")
    assert error["code"] == "activityLimitReached"
    assert error["innerError"]["request-id"] == answer.headers["request-id"]


async def test_ipp_says_it_in_its_own_words(office: Office) -> None:
    await office.impose(operation="ipp.get-jobs", answer={"code": "server-error-busy"}, times=1)
    with pytest.raises(ActorError, match="0x0507"):
        await office.device.fetchable_jobs()
    await office.impose(operation="ipp.get-jobs", answer={"status": 502}, times=1)
    with pytest.raises(ActorError, match="answered 502"):
        await office.device.fetchable_jobs()
    assert await office.device.fetchable_jobs() == []


async def test_sign_in_says_it_in_its_own_words(office: Office) -> None:
    await office.impose(operation="entra.token.*", answer={"status": 400, "code": "invalid_grant"}, times=1)
    form = {"grant_type": "refresh_token", "client_id": office.client_id, "refresh_token": "x"}
    answer = await office.wires[1].call("POST", f"/{office.tenant_id}/oauth2/v2.0/token", data=form, expect=(400,))
    assert answer.json()["error"] == "invalid_grant"
    assert (await office.control("GET", "/injections"))[1]["value"][0]["fired"] == 1


async def test_an_answer_can_be_all_ones_own(office: Office) -> None:
    own = {"status": 418, "body": {"short": "stout"}, "headers": {"X-Pot": "tea"}}
    await office.impose(operation="graph.share.job.*", answer=own)
    answer = await office.as_alex("GET", office.jobs)
    assert (answer.status, answer.json(), answer.headers["X-Pot"]) == (418, {"short": "stout"}, "tea")


async def test_it_can_be_for_one_user_or_one_printer_alone(office: Office) -> None:
    await office.impose(user="sam@contoso.example", answer={"status": 500})
    await office.impose(printer="00000000-0000-4000-8000-000000000000", answer={"status": 500})
    assert await statuses(office, 1) == [200]
    await office.impose(printer=office.device.printer_id, operation="graph.*", answer={"status": 500})
    assert await statuses(office, 1) == [500], "the share leads to the printer"


async def test_a_token_can_expire_in_the_middle(office: Office) -> None:
    await office.impose(operation="graph.share.job.*", expireToken=True, nth=2)
    assert await statuses(office, 3) == [200, 401, 200]


def read_raw(office: Office, token: str) -> bytes:
    """What comes over a bare TCP connection; TLS is apart from it, so that neither hides the other's errors."""
    url = urlsplit(office.upsim.https)
    context = trusting(Path(office.upsim.ca).read_text())
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=url.hostname)
    request = f"GET /v1.0{office.jobs} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Bearer {token}\r\n\r\n"
    with socket.create_connection((url.hostname or "", url.port or 443), timeout=60) as tcp:

        def until_done(step: Callable[[], T]) -> T:
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    tcp.sendall(outgoing.read())
                    incoming.write(tcp.recv(65536))

        until_done(tls.do_handshake)
        tls.write(request.encode())
        return until_done(lambda: tls.read(65536))


@pytest.mark.parametrize(("how", "error"), [("reset", ConnectionResetError), ("tls-abort", ssl.SSLError)])
async def test_a_connection_can_be_cut(office: Office, how: str, error: type[Exception]) -> None:
    await office.impose(operation="graph.share.job.*", connection=how, times=2)
    with pytest.raises(aiohttp.ClientError):
        await office.as_alex("POST", office.jobs, json={"configuration": {}})
    with pytest.raises(error):
        await asyncio.to_thread(read_raw, office, await office.alex.token())
    answer = await office.as_alex("GET", office.jobs)
    assert (answer.status, answer.json()["value"]) == (200, []), "the call that was cut did nothing"
    entries = await office.journal("operation=graph.share.job.*")
    assert [entry["status"] for entry in entries] == [0, 0, 200]


async def test_a_body_can_end_early(office: Office) -> None:
    whole = (await office.as_alex("GET", office.jobs)).body
    await office.impose(operation="graph.share.job.*", truncateAfterBytes=10, times=1)
    async with office.hand.get(f"/v1.0{office.jobs}", headers=await bearer(office)) as response:
        assert (response.status, int(response.headers["Content-Length"])) == (200, len(whole))
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.read()
    assert await statuses(office, 1) == [200]


async def test_the_log_tells_a_cut_in_one_line(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    await office.impose(name="snip", operation="graph.share.job.*", times=1, connection="reset")
    with pytest.raises(aiohttp.ClientError):
        async with office.hand.post(f"/v1.0{office.jobs}", headers=await bearer(office), json={}) as response:
            await response.read()
    await office.as_alex("GET", office.jobs)  # by then the server has told it
    (line,) = [record for record in caplog.records if "cut" in record.getMessage()]
    assert (line.levelname, line.getMessage(), line.exc_info) == ("INFO", "Connection cut: injection snip.", None)
    assert not [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]


async def test_a_body_can_come_slowly(office: Office) -> None:
    whole = (await office.as_alex("GET", office.jobs)).body
    await office.impose(operation="graph.share.job.*", bytesPerSecond=500, times=1)
    began = time.monotonic()
    answer = await office.as_alex("GET", office.jobs)
    took = time.monotonic() - began
    assert (answer.status, answer.body) == (200, whole)
    assert took >= len(whole) / 500 * 0.8  # however busy the machine is, it is never faster
    (entry,) = await office.journal("injection=*")
    assert entry["operation"] == "graph.share.job.list"


async def bearer(office: Office) -> dict[str, str]:
    return {"Authorization": f"Bearer {await office.alex.token()}"}


async def test_a_document_can_break_off_and_its_job_be_aborted(office: Office, tmp_path: Path) -> None:
    job_id = await office.print(tmp_path, b"%PDF" + b"x" * 10_000)
    await office.device.acknowledge(job_id)
    made = await office.impose(operation="ipp.fetch-document", truncateAfterBytes=5_000, after=["job-abort"])
    with pytest.raises(aiohttp.ClientPayloadError):
        await office.device.fetch_document(job_id, tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()
    async with asyncio.timeout(PATIENCE_SECONDS):  # the body breaks off before what is to happen after it
        while not await office.journal("injection=*"):
            pass
    assert await office.state_of(job_id) == "aborted"
    (entry,) = await office.journal("injection=*")
    assert (entry["operation"], [each["id"] for each in entry["injections"]]) == (
        "ipp.fetch-document",
        [made["id"]],
    )
    await office.control("DELETE", "/injections")
    with pytest.raises(ActorError, match="0x0404"):
        await office.device.report(job_id, 9, "job-completed-successfully")
    assert await office.state_of(job_id) == "aborted", "it has one end"


async def test_a_printer_can_go_offline_between_fetch_and_acknowledge(office: Office, tmp_path: Path) -> None:
    job_id = await office.print(tmp_path)
    await office.impose(operation="ipp.fetch-job", after=["printer-offline"], times=1)
    await office.device.fetch(job_id)
    for _ in range(2):
        with pytest.raises(aiohttp.ClientError):
            await office.device.acknowledge(job_id)
    shown = await office.admin.graph(
        "GET", f"/print/printers/{office.device.printer_id}", expect=(200,), note="how is it?"
    )
    assert (shown["status"]["state"], await office.state_of(job_id)) == ("stopped", "pending")
    await office.control("DELETE", "/injections")
    await office.device.acknowledge(job_id)
    await office.device.report(job_id, 9, "job-completed-successfully")
    assert await office.state_of(job_id) == "completed"


async def test_a_printer_that_goes_offline_before_its_call_is_not_heard(office: Office, tmp_path: Path) -> None:
    job_id = await office.print(tmp_path)
    await office.impose(operation="ipp.acknowledge-job", before=["printer-offline"], times=1)
    await office.device.fetch(job_id)
    with pytest.raises(aiohttp.ClientError):
        await office.device.acknowledge(job_id)
    assert await office.state_of(job_id) == "pending", "it was not acknowledged"
    with pytest.raises(aiohttp.ClientError):
        await office.device.fetch(job_id)
    await office.control("DELETE", "/injections")
    await office.device.acknowledge(job_id)


async def test_a_user_is_heard_when_the_printer_goes_offline_before_their_call(office: Office) -> None:
    await office.impose(operation="graph.printer.get", before=["printer-offline"], times=1)
    path = f"/print/printers/{office.device.printer_id}"
    shown = await office.admin.graph("GET", path, expect=(200,), note="how is it?")
    assert shown["status"]["state"] == "stopped"


async def test_a_certificate_can_be_revoked_by_a_call(office: Office) -> None:
    await office.impose(operation="ipp.get-jobs", after=["certificate-revoke"])
    await office.device.prove_itself()
    await office.device.fetchable_jobs()
    with pytest.raises(ActorError, match="revoked"):
        await office.device.prove_itself()
    await office.control("DELETE", "/injections")
    with pytest.raises(ActorError, match="revoked"):
        await office.device.prove_itself()  # what was done stays


async def test_chance_is_drawn_by_a_seed_that_is_told(office: Office) -> None:
    rule = {"operation": "graph.share.job.*", "answer": {"status": 500}, "probability": 0.5}

    async def draw(**seed: int) -> tuple[int, list[int]]:
        made = await office.impose(**rule, **seed)
        drawn = await statuses(office, 12)
        _, shown = await office.control("GET", f"/injections/{made['id']}")
        assert (shown["met"], shown["fired"]) == (12, drawn.count(500))
        await office.control("DELETE", "/injections")
        return made["seed"], drawn

    told, first = await draw()
    assert await draw(seed=told) == (told, first), "the seed that was told gives the same again"
    drawn = {seed: (await draw(seed=seed))[1] for seed in (1, 2, 3)}
    assert all(set(each) == {200, 500} for each in drawn.values())
    assert len({tuple(each) for each in drawn.values()}) > 1


async def test_its_time_ends_on_the_tenants_clock(office: Office) -> None:
    await office.control("PATCH", "/clock", {"frozen": True})
    await office.impose(operation="graph.share.job.*", answer={"status": 500}, seconds=60)
    assert await statuses(office, 1) == [500]
    await office.control("PATCH", "/clock", {"advanceSeconds": 60})
    assert await statuses(office, 1) == [200]
    assert (await office.control("GET", "/injections"))[1]["value"] == []


async def test_parts_of_a_batch_are_met_one_by_one(office: Office) -> None:
    await office.impose(operation="graph.share.job.*", answer={"status": 503}, nth=2)
    parts = [{"id": str(number), "method": "GET", "url": office.jobs} for number in (1, 2)]
    answer = await office.as_alex("POST", "/$batch", json={"requests": parts})
    assert [part["status"] for part in answer.json()["responses"]] == [200, 503]
    assert [entry["isPart"] for entry in await office.journal("path=*/jobs")] == [True, True]


async def test_a_reset_tenant_has_no_injections(office: Office) -> None:
    await office.impose(answer={"status": 500})
    await office.control("POST", "/reset")
    assert (await office.control("GET", "/injections"))[1]["value"] == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "does nothing"),
        ({"answer": {"status": 200}}, ">= 400"),
        ({"answer": {}, "colour": 1}, "'colour' is not known"),
        ({"answer": {}, "nth": 0}, ">= 1"),
        ({"delaySeconds": 1e9}, "<= 300"),
        ({"before": ["explode"]}, "Invalid enum value"),
        ({"operation": "ipp.fetch-jobs", "answer": {}}, "Did you mean 'ipp.fetch-job'"),
    ],
)
async def test_an_injection_that_cannot_be_is_refused(office: Office, rule: dict[str, Any], said: str) -> None:
    status, answer = await office.control("POST", "/injections", rule)
    assert status == 400
    assert said in answer["error"]["message"]


async def test_another_tenant_is_not_met(office: Office, http: aiohttp.ClientSession) -> None:
    async with http.post("/_upsim/tenants", json={"domain": "fabrikam.example"}) as response:
        assert response.status == 201
    async with http.post(
        "/_upsim/tenants/fabrikam.example/injections", json={"answer": {"status": 500}}
    ) as response:
        assert response.status == 201
    assert await statuses(office, 1) == [200]


async def test_requests_of_an_application_can_be_limited(office: Office) -> None:
    await office.control("PATCH", "/clock", {"frozen": True})
    assert (await statuses(office, 4)) == [200] * 4, "off by default"
    await office.control("PUT", "/settings", {"limits": {"own": {"graph-requests": 3}}})
    answers = [await office.as_alex("GET", office.jobs) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["Retry-After"] == "10"
    _, shown = await office.control("GET", "/limits")
    assert shown["applications"][office.client_id][0]["left"] == 0
    await office.control("PATCH", "/clock", {"advanceSeconds": 10})
    assert (await statuses(office, 1)) == [200]
