"""Pull printing: definitions, triggers, tasks, and what an application may do with a job that it holds."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.graph.jobs import an_uploaded_job
from tests.support.graph.tasks import DEFINITIONS, a_definition, a_trigger
from tests.support.graph.world import APP, OTHER_APP, Person, World, a_printer
from upsim.domain.attributes import MIME_MEDIA_TYPE, one
from upsim.domain.pacing import Pace
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare


class Held:
    """A job that an application holds."""

    def __init__(self, job_id: str, path: str, definition_id: str, task: Any) -> None:
        self.job_id, self.path, self.definition_id, self.task = job_id, path, definition_id, task
        self.task_path = f"{DEFINITIONS}/{definition_id}/tasks/{task['id']}"


@pytest.fixture
async def held(
    world: World, app: Person, admin: Person, ada: Person, printer: Printer, share: PrinterShare
) -> Held:
    definition = await a_definition(app)
    assert (await a_trigger(admin, printer, definition["id"])).status == 201
    job = await an_uploaded_job(ada, share)
    started = await ada.post(f"/v1.0/print/shares/{share.id}/jobs/{job['id']}/start")
    assert (started.json["state"], started.json["details"]) == ("paused", [])
    (task,) = (await app.get(f"{DEFINITIONS}/{definition['id']}/tasks")).json["value"]
    return Held(job["id"], f"/v1.0/print/printers/{printer.id}/jobs/{job['id']}", definition["id"], task)


async def test_a_definition_belongs_to_its_application(app: Person, world: World) -> None:
    made = await a_definition(app)
    assert made["createdBy"] == {
        "appId": APP,
        "displayName": "Badge app",
        "servicePrincipalId": None,
        "servicePrincipalName": None,
    }
    path = f"{DEFINITIONS}/{made['id']}"
    assert (await app.get(path)).json["displayName"] == "Hold"
    changed = await app.patch(path, {"displayName": "Held", "createdBy": {"displayName": "Badges"}})
    assert (changed.json["displayName"], changed.json["createdBy"]["displayName"]) == ("Held", "Badges")
    other = world.app(app_id=OTHER_APP)
    assert (await other.get(DEFINITIONS)).json["value"] == []
    for answer in (await other.get(path), await other.patch(path, {"displayName": "x"}), await other.delete(path)):
        assert answer.status == 404
    assert (await app.delete(path)).status == 204
    assert (await app.get(DEFINITIONS)).json["value"] == []


async def test_the_samples_definition_has_only_a_name(app: Person) -> None:
    made = await app.post(DEFINITIONS, {"displayName": "Hold"})
    assert (made.status, made.json["createdBy"]["displayName"]) == (201, None)
    assert (await app.post(DEFINITIONS, {})).status == 400
    assert (await app.post(DEFINITIONS, {"displayName": " "})).status == 400


async def test_a_printer_has_one_trigger(world: World, app: Person, admin: Person, printer: Printer) -> None:
    definition = await a_definition(app)
    made = await a_trigger(admin, printer, definition["id"])
    assert (made.status, made.json["event"]) == (201, "jobStarted")
    before = await world.rows()
    second = await a_trigger(admin, printer, definition["id"])
    assert (second.status, second.code) == (409, "Conflict")
    assert second.message == "The printer has a task trigger already and can have one; delete that first."
    assert await world.rows() == before
    path = f"/v1.0/print/printers/{printer.id}/taskTriggers"
    assert [each["id"] for each in (await admin.get(path)).json["value"]] == [made.json["id"]]
    assert (await admin.get(f"{path}/{made.json['id']}/definition")).json["id"] == definition["id"]
    expanded = await admin.get(f"{path}/{made.json['id']}?$expand=definition")
    assert expanded.json["definition"]["displayName"] == "Hold"
    assert (await admin.delete(f"{path}/{made.json['id']}")).status == 204
    assert (await admin.get(path)).json["value"] == []


async def test_a_trigger_needs_a_definition_of_the_same_application(
    world: World, app: Person, admin: Person, printer: Printer
) -> None:
    definition = await a_definition(app)
    before = await world.rows()
    stranger = world.admin(appid=OTHER_APP)
    refusal = await a_trigger(stranger, printer, definition["id"])
    assert (refusal.status, refusal.code) == (403, "Forbidden")
    assert refusal.message.endswith("sign in with the application that made it.")
    assert (await a_trigger(admin, printer, "5b0d7c1e-0000-4000-8000-00000000ffff")).status == 404
    path = f"/v1.0/print/printers/{printer.id}/taskTriggers"
    for body in ({}, {"event": "jobStarted"}, {"event": "jobEnded", "definition@odata.bind": "taskDefinitions/x"}):
        assert (await admin.post(path, body)).status == 400
    assert await world.rows() == before


async def test_a_started_job_is_held_under_a_task(held: Held, app: Person, admin: Person, world: World) -> None:
    assert held.task["status"] == {"state": "processing", "description": "The task is being processed."}
    assert held.task["parentUrl"] == world.url + held.path
    seen = (await app.get(f"{held.path}?$expand=tasks")).json
    assert (seen["status"]["state"], seen["isFetchable"]) == ("paused", False)
    assert [task["id"] for task in seen["tasks"]] == [held.task["id"]]
    assert (await app.get(f"{held.path}/tasks/{held.task['id']}/definition")).json["id"] == held.definition_id
    assert (await app.get(held.task_path)).json["id"] == held.task["id"]
    assert (await app.get(f"{held.task_path}/trigger")).status == 200


async def test_a_completed_task_lets_the_job_go(held: Held, app: Person) -> None:
    done = await app.patch(held.task_path, {"status": {"state": "completed"}})
    assert (done.status, done.json["status"]["state"]) == (200, "completed")
    seen = (await app.get(held.path)).json
    assert (seen["status"]["state"], seen["isFetchable"]) == ("pending", True)
    again = await app.patch(held.task_path, {"status": {"state": "completed", "description": "done"}})
    assert again.status == 200
    assert (await app.patch(held.task_path, {"status": {"state": "aborted"}})).status == 409


async def test_an_aborted_task_aborts_the_job(held: Held, app: Person) -> None:
    done = await app.patch(held.task_path, {"status": {"state": "aborted", "description": "no"}})
    assert done.json["status"] == {"state": "aborted", "description": "no"}
    assert (await app.get(held.path)).json["status"]["state"] == "aborted"


@pytest.mark.parametrize("status", [{}, {"state": "done"}, {"state": None}, {"nonsense": 1}, None, "completed"])
async def test_a_bad_report_changes_nothing(held: Held, app: Person, world: World, status: Any) -> None:
    before = await world.rows()
    assert (await app.patch(held.task_path, {"status": status})).status == 400
    assert await world.rows() == before


async def test_the_holder_changes_the_configuration(held: Held, app: Person) -> None:
    first = await app.patch(held.path, {"configuration": {"colorMode": "grayscale", "copies": 2}})
    assert first.status == 200
    second = await app.patch(held.path, {"configuration": {"mediaSize": "A4"}})
    configuration = second.json["configuration"]
    assert (configuration["colorMode"], configuration["copies"], configuration["mediaSize"]) == (
        "grayscale",
        2,
        "A4",
    )


async def test_the_holder_aborts(held: Held, app: Person) -> None:
    aborted = await app.post(f"{held.path}/abort", {"reason": "No more paper today."})
    assert (aborted.status, aborted.body) == (204, b"")
    status = (await app.get(held.path)).json["status"]
    assert (status["state"], status["description"]) == ("aborted", "No more paper today.")
    assert (await app.get(held.task_path)).json["status"]["state"] == "aborted"


async def test_the_holder_replaces_the_document(held: Held, app: Person, world: World) -> None:
    (document,) = (await app.get(f"{held.path}/documents")).json["value"]
    path = f"{held.path}/documents/{document['id']}"
    properties = {"documentName": "b.pdf", "contentType": "application/pdf", "size": 3}
    session = await app.post(f"{path}/createUploadSession", {"properties": properties})
    assert session.status == 200
    assert (await app.get(path)).json["displayName"] == "a.pdf"
    assert (await world.nobody().put(session.json["uploadUrl"], b"new", "bytes 0-2/3")).status == 201
    replaced = (await app.get(path)).json
    assert (replaced["displayName"], replaced["size"]) == ("b.pdf", 3)
    link = (await app.get(f"{path}/$value")).headers["Location"]
    assert (await world.nobody().get(link)).body == b"new"


async def test_redirect_makes_a_new_job_elsewhere(held: Held, app: Person, admin: Person, world: World) -> None:
    destination = a_printer("Real one")
    await world.put(destination)
    answer = await app.post(
        f"{held.path}/redirect",
        {"destinationPrinterId": destination.id, "configuration": {"copies": 3}},
    )
    assert answer.status == 200
    assert answer.json["@odata.context"].endswith(f"print/printers('{destination.id}')/jobs/$entity")
    assert answer.json["id"] != held.job_id
    assert answer.json["configuration"]["copies"] == 3
    assert answer.json["redirectedFrom"] == world.url + held.path
    assert answer.json["isFetchable"] is True
    source = (await app.get(held.path)).json
    assert source["redirectedTo"].endswith(f"/{destination.id}/jobs/{answer.json['id']}")
    assert source["status"]["state"] == "completed"
    assert (await app.get(held.task_path)).json["status"]["state"] == "completed"
    assert answer.json["createdBy"]["userPrincipalName"] == "ada@contoso.example"
    (document,) = (
        await app.get(f"/v1.0/print/printers/{destination.id}/jobs/{answer.json['id']}/documents")
    ).json["value"]
    assert document["size"] > 0


async def test_a_redirected_job_takes_the_pace_of_where_it_goes(held: Held, app: Person, world: World) -> None:
    destination = replace(a_printer("Held one"), pace=Pace(mode="manual"))
    await world.put(destination)
    answer = await app.post(f"{held.path}/redirect", {"destinationPrinterId": destination.id})
    assert (answer.status, answer.json["isFetchable"]) == (200, False)


async def test_a_bad_redirect_changes_nothing(held: Held, app: Person, world: World, printer: Printer) -> None:
    picky = a_printer(attributes={"document-format-supported": one(MIME_MEDIA_TYPE, "image/pwg-raster")})
    closed = a_printer(is_accepting_jobs=False)
    await world.put(picky, closed)
    before = await world.rows()
    nowhere = "5b0d7c1e-0000-4000-8000-00000000ffff"
    for destination, status, told in (
        (printer.id, 400, "The destination is the printer that the job is on; name another."),
        (nowhere, 404, f"There is no printer with id '{nowhere}'."),
        (picky.id, 415, "The destination does not print 'application/pdf'."),
        (closed.id, 503, "accept"),
        (None, 400, "destinationPrinterId"),
    ):
        answer = await app.post(f"{held.path}/redirect", {"destinationPrinterId": destination})
        assert (answer.status, told in answer.message) == (status, True), answer.message
    assert await world.rows() == before


async def test_nobody_else_changes_a_held_job(held: Held, world: World, admin: Person) -> None:
    destination = a_printer()
    await world.put(destination)
    other = world.app(app_id=OTHER_APP)
    before = await world.rows()
    for answer in (
        await other.patch(held.path, {"configuration": {"copies": 9}}),
        await other.post(f"{held.path}/abort"),
        await other.post(f"{held.path}/redirect", {"destinationPrinterId": destination.id}),
        await admin.patch(held.path, {"configuration": {"copies": 9}}),
        await admin.post(f"{held.path}/abort"),
    ):
        assert (answer.status, answer.code) == (403, "Forbidden")
    assert await world.rows() == before


async def test_a_job_without_a_task_is_nobodys_to_change(
    app: Person, ada: Person, world: World, share: PrinterShare, printer: Printer
) -> None:
    job = await an_uploaded_job(ada, share)
    before = await world.rows()
    answer = await app.post(f"/v1.0/print/printers/{printer.id}/jobs/{job['id']}/abort")
    assert (answer.status, "task" in answer.message) == (403, True)
    assert await world.rows() == before


async def test_the_owner_may_still_cancel(held: Held, ada: Person, share: PrinterShare, app: Person) -> None:
    assert (await ada.post(f"/v1.0/print/shares/{share.id}/jobs/{held.job_id}/cancel")).status == 204
    assert (await app.get(held.task_path)).json["status"]["state"] == "aborted"


async def test_deleting_the_definition_aborts_what_it_held(held: Held, app: Person, admin: Person) -> None:
    assert (await app.delete(f"{DEFINITIONS}/{held.definition_id}")).status == 204
    assert (await admin.get(held.path)).json["status"]["state"] == "aborted"


async def test_a_deleted_printer_takes_its_trigger_along(
    held: Held, admin: Person, world: World, printer: Printer, share: PrinterShare
) -> None:
    await admin.delete(f"/v1.0/print/shares/{share.id}")
    assert (await admin.delete(f"/v1.0/print/printers/{printer.id}")).status == 204
    assert not [row for row in await world.rows() if row[1] == "task-trigger"]


async def test_an_unsupported_option_on_the_list(app: Person) -> None:
    assert (await app.get(f"{DEFINITIONS}?$top=1")).status == 400


async def test_beta_has_the_old_names_of_start_and_cancel(ada: Person, share: PrinterShare) -> None:
    job = await an_uploaded_job(ada, share)
    path = f"/print/printerShares/{share.id}/jobs/{job['id']}"
    assert (await ada.post(f"/beta{path}/startPrintJob")).json["processingState"] == "pending"
    assert (await ada.post(f"/beta{path}/microsoft.graph.cancelPrintJob")).status == 204
    assert (await ada.get(f"/v1.0{path}")).status == 400


async def test_a_task_that_nobody_ends_is_too_late_to_end(
    world: World, app: Person, admin: Person, ada: Person, printer: Printer, share: PrinterShare
) -> None:
    await world.settings(jobs={"task_seconds": 600})
    definition = await a_definition(app)
    await a_trigger(admin, printer, definition["id"])
    job = await an_uploaded_job(ada, share)
    await ada.post(f"/v1.0/print/shares/{share.id}/jobs/{job['id']}/start")
    (task,) = (await app.get(f"{DEFINITIONS}/{definition['id']}/tasks")).json["value"]
    path = f"{DEFINITIONS}/{definition['id']}/tasks/{task['id']}"
    world.elapsed += timedelta(seconds=599)
    assert (await app.patch(path, {"status": {"state": "processing"}})).status == 200
    world.elapsed += timedelta(seconds=1)
    late = await app.patch(path, {"status": {"state": "completed"}})
    assert (late.status, "had to be ended by" in late.message) == (409, True)
    change = await app.patch(
        f"/v1.0/print/printers/{printer.id}/jobs/{job['id']}", {"configuration": {"copies": 2}}
    )
    assert change.status == 409
