"""The journal: what a client did, asked for afterwards."""

import asyncio
from pathlib import Path
from typing import Any

from tests.support.control import Office


async def verify(office: Office, *expect: dict[str, Any], **options: Any) -> dict[str, Any]:
    status, found = await office.control("POST", "/journal/verify", {"expect": list(expect), **options})
    assert status == 200, found
    return found


async def test_it_tells_a_journey_in_order(office: Office, tmp_path: Path) -> None:
    job_id = await office.print(tmp_path)
    await office.device.fetch(job_id)
    await office.device.acknowledge(job_id)
    entries = await office.journal(f"job={job_id}")
    operations = [entry["operation"] for entry in entries]
    assert operations[-2:] == ["ipp.fetch-job", "ipp.acknowledge-job"]
    assert entries[0]["caller"]["name"] == "alex@contoso.example"
    told = [event["name"] for entry in entries for event in entry["events"] if event["subject"] == str(job_id)]
    assert told[:2] == ["job.created", "job.received"]
    assert "job.acknowledged" in told
    assert [entry["number"] for entry in entries] == sorted(entry["number"] for entry in entries)


async def test_ipp_is_shown_by_attributes(office: Office, tmp_path: Path) -> None:
    job_id = await office.print(tmp_path)
    await office.device.fetch(job_id)
    (entry,) = await office.journal("operation=ipp.fetch-job&messages=true")
    assert entry["ippStatus"] == "successful-ok"
    groups = entry["request"]["ipp"]["groups"]
    assert groups[0]["attributes"]["job-id"] == str(job_id)
    assert "Fetch-Job" in entry["request"]["text"]
    assert entry["response"]["ipp"]["groups"][0]["attributes"]["attributes-charset"] == "utf-8"
    assert entry["printers"] == [office.device.printer_id]


async def test_it_says_why_a_call_was_refused(office: Office) -> None:
    await office.wires[2].call(
        "GET", "/v1.0/print/printers", token=await office.sam.token(), expect=(403, 400, 401, 200)
    )
    await office.as_alex("POST", f"{office.jobs}/999/start")
    (entry,) = await office.journal("refused=*&operation=graph.*&caller=alex@contoso.example")
    assert entry["refused"]["kind"] == "not_found"
    assert "999" in entry["refused"]["detail"]


async def test_an_expired_token_is_told_to_its_tenant(office: Office) -> None:
    token = await office.alex.token()
    await office.control("PATCH", "/clock", {"advanceSeconds": 4000})
    await office.wires[1].call("GET", f"/v1.0{office.jobs}", token=token, expect=(401,))
    (entry,) = await office.journal("refused=token-expired")
    assert entry["status"] == 401


async def test_calls_of_strangers_have_a_journal_of_their_own(office: Office) -> None:
    await office.wires[1].call("GET", "/v1.0/print/printers", expect=(401,))
    async with office.hand.get("/_upsim/tenants/-/journal") as response:
        entries = (await response.json())["value"]
    assert [entry["refused"]["reason"] for entry in entries][-1:] == ["token-missing"]


async def test_secrets_are_not_shown(office: Office, tmp_path: Path) -> None:
    await office.print(tmp_path)
    token = await office.alex.token()
    for path in ("/journal?messages=true&limit=1000", "/journal/har", "/journal/transcript"):
        async with office.hand.get(office.base + path) as response:
            text = await response.text()
            assert response.status == 200
        assert token not in text
        assert office.device.token not in text
        assert "Bearer (redacted)" in text
        for secret in ("code_verifier=", "refresh_token=", "tempauthtoken="):
            for part in text.split(secret)[1:]:
                assert part.startswith(("(redacted)", "%28redacted%29")), part[:40]


async def test_injections_and_limits_that_applied_are_told(office: Office) -> None:
    made = await office.impose(operation="graph.share.job.*", answer={"status": 503}, times=1, name="flaky")
    await office.as_alex("GET", office.jobs)
    (entry,) = await office.journal("injection=flaky")
    assert entry["injections"] == [{"id": made["id"], "name": "flaky"}]
    await office.control("PUT", "/settings", {"limits": {"own": {"jobs-per-user": 0}}})
    await office.as_alex("POST", office.jobs, json={"configuration": {}})
    (entry,) = await office.journal("refused=throttled")
    assert entry["limit"] == "jobs-per-user"


async def test_calling_again_too_early_is_counted(office: Office) -> None:
    await office.control("PATCH", "/clock", {"frozen": True})
    await office.impose(operation="graph.share.job.*", answer={"status": 429, "retryAfterSeconds": 30}, times=1)
    await office.as_alex("GET", office.jobs)
    await office.as_alex("GET", office.jobs)
    await office.control("PATCH", "/clock", {"advanceSeconds": 30})
    await office.as_alex("GET", office.jobs)
    (entry,) = await office.journal("early=true")
    assert entry["earlySeconds"] == 30
    _, shown = await office.control("GET", "/limits")
    (early,) = shown["early"]
    assert (early["caller"], early["calls"], early["worstSeconds"]) == ("alex@contoso.example", 1, 30)


async def test_calls_are_verified_by_number_and_order(office: Office, tmp_path: Path) -> None:
    job_id = await office.print(tmp_path)
    await office.device.fetch(job_id)
    await office.device.acknowledge(job_id)
    found = await verify(
        office,
        {"operation": "graph.*start*", "times": 1},
        {"operation": "ipp.fetch-job", "times": 1},
        {"operation": "ipp.acknowledge-job", "job": str(job_id)},
        inOrder=True,
    )
    assert found["met"], found
    found = await verify(
        office, {"operation": "ipp.acknowledge-job"}, {"operation": "ipp.fetch-job"}, inOrder=True
    )
    assert not found["met"]


async def test_an_unmet_expectation_names_the_nearest_calls(office: Office, tmp_path: Path) -> None:
    job_id = await office.print(tmp_path)
    await office.device.fetch(job_id)
    found = await verify(office, {"operation": "ipp.fetch-job", "ippStatus": "client-error-*", "times": 1})
    (finding,) = found["findings"]
    nearest = finding["nearest"][0]
    assert not finding["met"]
    assert nearest["operation"] == "ipp.fetch-job"
    assert nearest["differs"] == {"ippStatus": {"expected": "client-error-*", "actual": "successful-ok"}}


async def test_a_call_can_be_waited_for(office: Office) -> None:
    _, counted = await office.control("GET", "/journal/count?operation=ipp.get-jobs")
    assert counted["count"] == 0
    body = {"operation": "ipp.get-jobs", "count": 2, "timeoutSeconds": 60}
    waiting = asyncio.create_task(office.control("POST", "/journal/wait", body))
    await office.device.fetchable_jobs()
    await office.device.fetchable_jobs()
    _, found = await waiting
    assert (found["met"], found["count"]) == (True, 2)
    _, found = await office.control("POST", "/journal/wait", {**body, "count": 3, "timeoutSeconds": 0})
    assert not found["met"]


async def test_it_is_bounded(office: Office) -> None:
    await office.control("PUT", "/settings", {"journal": {"callsMax": 5}})
    for _ in range(8):
        await office.as_alex("GET", office.jobs)
    _, found = await office.control("GET", "/journal")
    assert len(found["value"]) == 5
    assert found["dropped"] > 0
    assert found["value"][-1]["number"] == found["last"]
    await office.control("DELETE", "/journal")
    await office.control("PUT", "/settings", {"journal": {"callsMax": 0}})
    await office.as_alex("GET", office.jobs)
    assert await office.journal() == []


async def test_it_is_exported_as_har(office: Office) -> None:
    await office.as_alex("GET", office.jobs)
    _, har = await office.control("GET", "/journal/har?operation=graph.*")
    entry = har["log"]["entries"][-1]
    assert har["log"]["version"] == "1.2"
    assert entry["request"]["url"].endswith(office.jobs)
    assert entry["response"]["status"] == 200
    assert {"startedDateTime", "time", "cache", "timings"} <= set(entry)


async def test_a_query_that_it_does_not_know_is_refused(office: Office) -> None:
    status, answer = await office.control("GET", "/journal?operatoin=x")
    assert status == 400
    assert "operatoin" in answer["error"]["message"]
