"""Jobs: create, list, get, start, cancel, under printers and under shares."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.graph.jobs import a_job, an_uploaded_job
from tests.support.graph.world import ADA, ADMIN_SCOPES, BOB, Person, World, a_printer, a_share
from upsim.domain.job import JobState, Progress
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare


async def test_a_new_job_waits_for_its_document(world: World, ada: Person, share: PrinterShare) -> None:
    configuration = {"copies": 2, "colorMode": "blackAndWhite", "duplexMode": "flipOnLongEdge", "mediaSize": "A4"}
    job = await a_job(ada, share, configuration)
    assert job["@odata.context"] == f"{world.url}/v1.0/$metadata#print/printJobs/$entity"
    assert job["id"].isdecimal()
    assert job["status"] == {
        "state": "paused",
        "description": "The job is not a candidate for processing yet.",
        "isAcquiredByPrinter": False,
        "details": ["uploadPending"],
    }
    assert job["configuration"] | configuration == job["configuration"]
    assert job["configuration"]["finishings"] is None
    assert job["createdBy"]["userPrincipalName"] == "ada@contoso.example"
    (document,) = job["documents"]
    assert (document["displayName"], document["contentType"], document["size"]) == ("", "", 0)


async def test_the_browser_samples_body_is_enough(ada: Person, share: PrinterShare) -> None:
    body = {"configuration": {"@odata.type": "microsoft.graph.printJobConfiguration"}}
    assert (await ada.post(f"/v1.0/print/shares/{share.id}/jobs", body)).status == 201


async def test_pages_show_each_job_once(ada: Person, share: PrinterShare) -> None:
    made = [(await a_job(ada, share))["id"] for _ in range(3)]
    path: str | None = f"/v1.0/print/shares/{share.id}/jobs?$top=2"
    pages = []
    while path:
        page = (await ada.get(path)).json
        pages.append([job["id"] for job in page["value"]])
        path = page.get("@odata.nextLink")
    assert [len(page) for page in pages] == [2, 1]
    assert sorted(job for page in pages for job in page) == sorted(made)
    last = (await ada.get(f"/v1.0/print/shares/{share.id}/jobs?$skip=1&$orderby=id%20desc")).json["value"]
    assert [job["id"] for job in last] == sorted(made, key=int)[:2][::-1]


async def test_start_and_cancel(ada: Person, share: PrinterShare) -> None:
    job = await an_uploaded_job(ada, share)
    path = f"/v1.0/print/shares/{share.id}/jobs/{job['id']}"
    assert (await ada.get(path)).json["status"]["details"] == []
    started = await ada.post(f"{path}/start")
    assert (started.status, started.json["state"]) == (200, "pending")
    assert "@odata.context" not in started.json
    assert (await ada.get(path)).json["isFetchable"] is True
    cancelled = await ada.post(f"{path}/cancel")
    assert (cancelled.status, cancelled.body) == (204, b"")
    assert (await ada.get(path)).json["status"]["state"] == "canceled"


async def test_the_same_job_is_seen_through_printer_and_share(
    ada: Person, admin: Person, printer: Printer, share: PrinterShare
) -> None:
    job = await a_job(ada, share)
    seen = await admin.get(f"/v1.0/print/printers/{printer.id}/jobs/{job['id']}?$expand=documents")
    assert seen.json["documents"][0]["id"] == job["documents"][0]["id"]
    listed = await admin.get(f"/v1.0/print/printers/{printer.id}/jobs")
    assert [each["id"] for each in listed.json["value"]] == [job["id"]]
    assert "documents" not in listed.json["value"][0]


async def test_an_administrator_prints_on_the_printer_itself(admin: Person, printer: Printer) -> None:
    created = await admin.post(f"/beta/print/printers/{printer.id}/jobs", {"configuration": {}})
    assert created.status == 201
    assert created.json["displayName"] == ""


async def test_users_see_only_their_own_jobs(ada: Person, bob: Person, world: World, share: PrinterShare) -> None:
    of_ada, of_bob = await a_job(ada, share), await a_job(bob, share)
    jobs = f"/v1.0/print/shares/{share.id}/jobs"
    assert [each["id"] for each in (await ada.get(jobs)).json["value"]] == [of_ada["id"]]
    refusal = await ada.get(f"{jobs}/{of_bob['id']}")
    assert (refusal.status, refusal.code) == (403, "Forbidden")
    everything = await world.admin().get(jobs)
    assert [each["id"] for each in everything.json["value"]] == [of_ada["id"], of_bob["id"]]
    own_only = world.admin("PrintJob.ReadWrite PrinterShare.ReadBasic.All")
    assert (await own_only.get(jobs)).json["value"] == []


async def test_the_badge_filter(
    ada: Person, bob: Person, admin: Person, world: World, share: PrinterShare
) -> None:
    await a_job(ada, share)
    of_bob = await a_job(bob, share)
    path = f"/v1.0/print/shares/{share.id}/jobs"
    answer = await admin.get(f"{path}?$filter=createdBy/userPrincipalName%20eq%20'bob@contoso.example'")
    assert [each["id"] for each in answer.json["value"]] == [of_bob["id"]]
    application = await world.app().get(f"{path}?$filter=isFetchable%20eq%20true")
    assert application.json["value"] == []


async def test_start_before_the_upload_is_refused(ada: Person, world: World, share: PrinterShare) -> None:
    job = await a_job(ada, share)
    before = await world.rows()
    answer = await ada.post(f"/v1.0/print/shares/{share.id}/jobs/{job['id']}/start")
    assert (answer.status, answer.code) == (409, "Conflict")
    assert "upload" in answer.message
    assert await world.rows() == before


async def test_a_job_starts_once(ada: Person, world: World, share: PrinterShare) -> None:
    job = await an_uploaded_job(ada, share)
    path = f"/v1.0/print/shares/{share.id}/jobs/{job['id']}/start"
    assert (await ada.post(path)).status == 200
    before = await world.rows()
    assert (await ada.post(path)).status == 409
    assert await world.rows() == before


async def test_an_ended_job_is_not_cancelled(ada: Person, world: World, share: PrinterShare) -> None:
    job = await a_job(ada, share)
    path = f"/v1.0/print/shares/{share.id}/jobs/{job['id']}"
    assert (await ada.post(f"{path}/cancel")).status == 204
    before = await world.rows()
    assert (await ada.post(f"{path}/cancel")).status == 409
    assert (await ada.post(f"{path}/start")).status == 409
    assert await world.rows() == before


BAD_JOBS: list[tuple[Any, str]] = [
    ({}, "configuration"),
    ({"configuration": None}, "configuration"),
    ({"configuration": []}, "printJobConfiguration"),
    ({"configuration": {"copies": "two"}}, "configuration/copies"),
    ({"configuration": {"copies": True}}, "Edm.Int32"),
    ({"configuration": {"copies": 2**31}}, "Edm.Int32"),
    ({"configuration": {"colorMode": "sepia"}}, "sepia"),
    ({"configuration": {"colorMode": "unknownFutureValue"}}, "unknownFutureValue"),
    ({"configuration": {"finishings": "staple"}}, "Collection"),
    ({"configuration": {"finishings": ["staple", "glue"]}}, "glue"),
    ({"configuration": {"margin": {"top": 1.5}}}, "configuration/margin/top"),
    ({"configuration": {"nonsense": 1}}, "microsoft.graph.printJobConfiguration"),
    ({"configuration": {"copies": 0}}, "copies"),
    ({"configuration": {"pagesPerSheet": -1}}, "number-up"),
    ({"configuration": {"dpi": 0}}, "printer-resolution"),
    ({"configuration": {"pageRanges": [{"start": 3, "end": 2}]}}, "page range"),
    ({"configuration": {"pageRanges": [{"start": -(2**62), "end": 2}]}}, "page range"),
    ({"configuration": {}, "status": {}}, "status"),
    ({"configuration": {}, "nonsense": 1}, "microsoft.graph.printJob"),
    (b"{", "JSON"),
    (b"[]", "JSON object"),
]


@pytest.mark.parametrize(("body", "message"), BAD_JOBS)
async def test_a_bad_job_is_refused_and_changes_nothing(
    ada: Person, world: World, share: PrinterShare, body: Any, message: str
) -> None:
    before = await world.rows()
    answer = await ada.post(f"/v1.0/print/shares/{share.id}/jobs", body)
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert message in answer.message
    assert await world.rows() == before


async def test_a_share_that_does_not_admit_the_user(ada: Person, world: World) -> None:
    printer = a_printer()
    share = a_share(printer, allow_all_users=False, allowed_users=(BOB,))
    await world.put(printer, share)
    before = await world.rows()
    answer = await ada.post(f"/v1.0/print/shares/{share.id}/jobs", {"configuration": {}})
    assert (answer.status, answer.code) == (403, "Forbidden")
    assert await world.rows() == before


async def test_unknown_ids(ada: Person, world: World, share: PrinterShare) -> None:
    job = await a_job(ada, share)
    nowhere = "5b0d7c1e-0000-4000-8000-00000000ffff"
    jobs = f"/v1.0/print/shares/{share.id}/jobs"
    for path in (f"/v1.0/print/shares/{nowhere}/jobs/{job['id']}", f"{jobs}/999", f"{jobs}/none"):
        answer = await ada.get(path)
        assert (answer.status, answer.code) == (404, "NotFound")
    other = a_printer()
    await world.put(other, a_share(other, "Other"))
    assert (await world.admin().get(f"/v1.0/print/printers/{other.id}/jobs/{job['id']}")).status == 404
    properties = {"documentName": "a", "contentType": "application/pdf", "size": 1}
    path = f"{jobs}/{job['id']}/documents/{nowhere}/createUploadSession"
    assert (await ada.post(path, {"properties": properties})).status == 404


async def test_applications_and_ordinary_users_do_not_print_on_a_printer(
    world: World, ada: Person, printer: Printer
) -> None:
    path = f"/v1.0/print/printers/{printer.id}/jobs"
    ordinary = await world.user(ADA, ADMIN_SCOPES).post(path, {"configuration": {}})
    assert (ordinary.status, ordinary.code) == (403, "Forbidden")
    application = await world.app().post(path, {"configuration": {}})
    assert (application.status, application.code) == (403, "Forbidden")


async def test_print_job_create_is_not_enough_below_a_share(world: World, share: PrinterShare) -> None:
    """Neither the pages nor the permissions data list PrintJob.Create for this path."""
    user = world.user(ADA, "PrinterShare.ReadBasic.All PrintJob.Create")
    answer = await user.post(f"/v1.0/print/shares/{share.id}/jobs", {"configuration": {}})
    assert (answer.status, answer.code) == (403, "UnknownError")
    assert answer.message == '"The token does not have one or more required security scopes."'


async def test_a_printer_that_takes_no_jobs(world: World, ada: Person) -> None:
    printer = a_printer(is_accepting_jobs=False)
    share = a_share(printer)
    await world.put(printer, share)
    answer = await ada.post(f"/v1.0/print/shares/{share.id}/jobs", {"configuration": {}})
    assert answer.status == 503


STANDINGS = [
    (JobState.PENDING, ["job-incoming", "job-data-insufficient"], "paused", ["uploadPending"]),
    (JobState.PENDING, ["job-incoming"], "paused", []),
    (JobState.PENDING, ["job-queued"], "pending", []),
    (JobState.PENDING, ["job-fetchable"], "pending", []),
    (JobState.PENDING, [], "pending", []),
    (JobState.PENDING, ["job-queued", "job-transforming"], "processing", ["transforming"]),
    (JobState.PENDING_HELD, ["job-held-for-release"], "paused", ["releaseWait"]),
    (JobState.PENDING_HELD, ["job-hold-until-specified"], "paused", []),
    (JobState.PROCESSING, ["job-interpreting"], "processing", ["interpreting"]),
    (JobState.PROCESSING, ["job-printing"], "processing", []),
    (JobState.PROCESSING_STOPPED, ["printer-stopped"], "stopped", []),
    (JobState.CANCELED, ["job-canceled-by-user"], "canceled", []),
    (JobState.ABORTED, ["aborted-by-system"], "aborted", []),
    (JobState.COMPLETED, ["job-completed-successfully"], "completed", ["completedSuccessfully"]),
    (JobState.COMPLETED, [], "completed", ["completedSuccessfully"]),
    (JobState.COMPLETED, ["job-completed-with-errors"], "completed", ["completedWithErrors"]),
    (JobState.COMPLETED, ["job-completed-with-warnings"], "completed", ["completedWithWarnings"]),
]


@pytest.mark.parametrize(("state", "reasons", "shown", "details"), STANDINGS)
async def test_status_is_a_projection(
    world: World,
    ada: Person,
    share: PrinterShare,
    state: JobState,
    reasons: list[str],
    shown: str,
    details: list[str],
) -> None:
    made = await a_job(ada, share)
    job = await world.job(made["id"])
    await world.put(replace(job, progress=Progress(state, frozenset(reasons))))
    status = (await ada.get(f"/v1.0/print/shares/{share.id}/jobs/{made['id']}")).json["status"]
    assert (status["state"], status["details"]) == (shown, details)
