"""Printer shares: CRUD, access, the one-share rule, the bind in all its spellings."""

from typing import Any

import pytest

from tests.support.graph.world import ADA, ADMIN_SCOPES, READERS, Person, World, a_printer, a_share
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare


@pytest.mark.parametrize(
    "bind",
    [
        "https://graph.microsoft.com/v1.0/print/printers/{}",
        "https://localhost/beta/print/printers/{}",
        "/print/printers/{}",
        "print/printers('{}')",
        "printers/{}",
    ],
)
async def test_create_with_a_bind(admin: Person, world: World, printer: Printer, bind: str) -> None:
    body = {
        "@odata.type": "#microsoft.graph.printerShare",
        "displayName": "Third floor",
        "printer@odata.bind": bind.format(printer.id),
    }
    created = await admin.post("/v1.0/print/shares", body)
    assert created.status == 201
    assert created.json["@odata.context"] == f"{world.url}/v1.0/$metadata#print/shares/$entity"
    assert created.json["displayName"] == "Third floor"
    assert created.json["allowAllUsers"] is False
    assert (await admin.get(f"/v1.0/print/printers/{printer.id}")).json["isShared"] is True
    assert (await admin.get(f"/v1.0/print/shares/{created.json['id']}?$expand=printer")).json["printer"][
        "id"
    ] == printer.id


async def test_update_renames_and_swaps_the_printer_keeping_the_id(
    admin: Person, world: World, share: PrinterShare
) -> None:
    other = a_printer("Other")
    await world.put(other)
    answer = await admin.patch(
        f"/v1.0/print/shares/{share.id}",
        {"displayName": "Fourth", "allowAllUsers": False, "printer@odata.bind": f"/print/printers/{other.id}"},
    )
    assert answer.status == 200
    assert (answer.json["id"], answer.json["displayName"], answer.json["allowAllUsers"]) == (
        share.id,
        "Fourth",
        False,
    )
    assert (await admin.get(f"/v1.0/print/shares/{share.id}/printer")).json["id"] == other.id


async def test_delete(admin: Person, share: PrinterShare, printer: Printer) -> None:
    assert (await admin.delete(f"/v1.0/print/shares/{share.id}")).status == 204
    assert (await admin.get(f"/v1.0/print/shares/{share.id}")).status == 404
    assert (await admin.delete(f"/v1.0/print/shares/{share.id}")).status == 404
    assert (await admin.get(f"/v1.0/print/printers/{printer.id}")).json["isShared"] is False


async def test_a_user_sees_only_shares_that_admit_them(world: World, ada: Person, bob: Person) -> None:
    printers = [a_printer() for _ in range(3)]
    to_all = a_share(printers[0], "All")
    to_ada = a_share(printers[1], "Ada's", allow_all_users=False, allowed_users=(ADA,))
    to_readers = a_share(printers[2], "Readers'", allow_all_users=False, allowed_groups=(READERS,))
    await world.put(*printers, to_all, to_ada, to_readers)
    assert await names(ada) == ["All", "Ada's"]
    assert await names(bob) == ["All", "Readers'"]
    refusal = await bob.get(f"/v1.0/print/shares/{to_ada.id}")
    assert (refusal.status, refusal.code) == (403, "Forbidden")


async def names(person: Person) -> list[str]:
    listed = (await person.get("/v1.0/print/shares")).json["value"]
    return [each["displayName"] for each in listed]


async def test_the_list_has_what_the_browser_sample_reads(ada: Person, share: PrinterShare) -> None:
    (listed,) = (await ada.get("/v1.0/print/shares")).json["value"]
    assert listed["model"] == "A100"
    assert listed["status"]["state"] == "unknown"
    assert "defaults" not in listed
    (selected,) = (await ada.get("/v1.0/print/shares?$select=capabilities")).json["value"]
    assert "capabilities" in selected


BAD_SHARES: list[tuple[dict[str, Any], int, str]] = [
    ({"displayName": "x" * 51}, 400, "51 characters"),
    ({"displayName": ""}, 400, "displayName"),
    ({"displayName": None}, 400, "displayName"),
    ({"displayName": 5}, 400, "Edm.String"),
    ({"allowAllUsers": "yes"}, 400, "Edm.Boolean"),
    ({"printer@odata.bind": None}, 400, "URL"),
    ({"printer@odata.bind": "not a reference"}, 400, "reference"),
    ({"printer@odata.bind": "/print/printers/5b0d7c1e-0000-4000-8000-00000000ffff"}, 404, "no printer"),
    ({"nonsense": 1}, 400, "does not exist on type 'microsoft.graph.printerShare'"),
    ({"createdDateTime": "2026-01-01T00:00:00Z"}, 400, "read-only"),
]


@pytest.mark.parametrize(("changes", "status", "message"), BAD_SHARES)
async def test_a_bad_share_is_refused_and_changes_nothing(
    admin: Person, world: World, printer: Printer, changes: dict[str, Any], status: int, message: str
) -> None:
    before = await world.rows()
    body = {"displayName": "Third", "printer@odata.bind": f"/print/printers/{printer.id}", **changes}
    answer = await admin.post("/v1.0/print/shares", body)
    assert (answer.status, message in answer.message) == (status, True), answer.message
    assert await world.rows() == before


@pytest.mark.parametrize("missing", ["displayName", "printer@odata.bind"])
async def test_required_members(admin: Person, printer: Printer, missing: str) -> None:
    body = {"displayName": "Third", "printer@odata.bind": f"/print/printers/{printer.id}"}
    del body[missing]
    answer = await admin.post("/v1.0/print/shares", body)
    assert (answer.status, answer.code) == (400, "BadRequest")


async def test_a_printer_has_one_share(admin: Person, world: World, printer: Printer, share: PrinterShare) -> None:
    before = await world.rows()
    body = {"displayName": "Second", "printer@odata.bind": f"/print/printers/{printer.id}"}
    answer = await admin.post("/v1.0/print/shares", body)
    assert (answer.status, answer.code) == (409, "Conflict")
    assert await world.rows() == before


async def test_fifty_characters_are_enough(admin: Person, printer: Printer) -> None:
    body = {"displayName": "x" * 50, "printer@odata.bind": f"/print/printers/{printer.id}"}
    assert (await admin.post("/v1.0/print/shares", body)).status == 201


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_an_ordinary_user_changes_no_share(
    world: World, printer: Printer, share: PrinterShare, method: str
) -> None:
    before = await world.rows()
    user = world.user(ADA, ADMIN_SCOPES)
    path = "/v1.0/print/shares" if method == "POST" else f"/v1.0/print/shares/{share.id}"
    answer = await user.call(method, path, {"displayName": "Mine"})
    assert (answer.status, answer.code) == (403, "Forbidden")
    assert "Printer Administrator" in answer.message
    assert await world.rows() == before
