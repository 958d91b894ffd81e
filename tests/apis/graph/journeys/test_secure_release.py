"""Secure release and pull-print printers as Graph shows them."""

from typing import Any

from tests.support.graph.jobs import an_uploaded_job
from tests.support.graph.world import TENANT, Person, World, a_printer
from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.pull_print import PullPrinter
from upsim.domain.user import User
from upsim.services.jobs import secure_release


async def hold(admin: Person, share: PrinterShare) -> None:
    changed = await admin.patch(f"/beta/print/shares/{share.id}", {"holdJobsForSecureRelease": True})
    assert (changed.status, changed.json["holdJobsForSecureRelease"]) == (200, True)


async def start(person: Person, share: PrinterShare) -> tuple[str, Any]:
    job = await an_uploaded_job(person, share)
    path = f"/v1.0/print/shares/{share.id}/jobs/{job['id']}"
    return path, (await person.post(f"{path}/start")).json


def owner_of(job: Job) -> User:
    name = job.created_by.user_principal_name
    return User(id=job.created_by.user_id, user_principal_name=name, display_name="Ada", password="")


async def test_the_switch_is_a_property_of_beta(admin: Person, world: World, share: PrinterShare) -> None:
    path = f"print/shares/{share.id}"
    before = await world.rows()
    refusal = await admin.patch(f"/v1.0/{path}", {"holdJobsForSecureRelease": True})
    assert refusal.status == 400
    wrong = await admin.patch(f"/beta/{path}", {"holdJobsForSecureRelease": "yes"})
    assert (wrong.status, await world.rows()) == (400, before)
    assert "holdJobsForSecureRelease" not in (await admin.get(f"/v1.0/{path}")).json
    assert (await admin.get(f"/beta/{path}")).json["holdJobsForSecureRelease"] is False
    await hold(admin, share)
    renamed = await admin.patch(f"/beta/{path}", {"displayName": "Held"})
    assert renamed.json["holdJobsForSecureRelease"] is True


async def test_a_held_job_is_paused_until_it_is_released(
    admin: Person, ada: Person, bob: Person, share: PrinterShare, world: World
) -> None:
    await hold(admin, share)
    path, status = await start(ada, share)
    assert (status["state"], status["details"], status["isAcquiredByPrinter"]) == (
        "paused",
        ["releaseWait"],
        False,
    )
    assert (await ada.get(path)).json["isFetchable"] is False
    assert (await bob.get(path)).status == 403
    job = await world.job(path.rpartition("/")[2])
    await world.site.store.write(TENANT, lambda tx: secure_release.release(tx, owner_of(job), job.id))
    released = (await ada.get(path)).json
    assert (released["status"]["state"], released["isFetchable"]) == ("pending", True)


async def test_the_older_switch_is_the_printers(admin: Person, ada: Person, printer: Printer, share: Any) -> None:
    path = f"/beta/print/printers/{printer.id}"
    wrong = await admin.patch(path, {"releaseMechanisms": [{"releaseType": "magic"}]})
    assert wrong.status == 400
    changed = await admin.patch(path, {"releaseMechanisms": [{"releaseType": "qrCode"}]})
    assert changed.json["releaseMechanisms"] == [{"releaseType": "qrCode"}]
    assert (await start(ada, share))[1]["details"] == ["releaseWait"]
    await admin.patch(path, {"releaseMechanisms": []})
    assert (await start(ada, share))[1]["state"] == "pending"


async def test_a_released_job_is_seen_on_its_queue_and_where_it_prints(
    admin: Person, ada: Person, bob: Person, printer: Printer, share: PrinterShare, world: World
) -> None:
    member = a_printer("Member")
    queue = PullPrinter(id=printer.id, members=(member.id,), created_at=world.now())
    await world.put(member, queue)
    path, status = await start(ada, share)
    assert status["details"] == ["releaseWait"]
    job = await world.job(path.rpartition("/")[2])
    await world.site.store.write(TENANT, lambda tx: secure_release.release(tx, owner_of(job), job.id, member.id))
    assert (await ada.get(path)).json["status"]["state"] == "pending"
    for queue_id in (printer.id, member.id):
        listed = await admin.get(f"/v1.0/print/printers/{queue_id}/jobs")
        assert [each["id"] for each in listed.json["value"]] == [job.id]
        assert (await admin.get(f"/v1.0/print/printers/{queue_id}/jobs/{job.id}")).status == 200
    assert (await bob.get(path)).status == 403
