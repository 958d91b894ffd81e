"""Printers: registration by an administrator, list, get, update, unregister."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from tests.support.graph.world import BOB, Person, World, a_printer, a_share
from upsim.domain.attributes import BOOLEAN, ENUM, KEYWORD, one
from upsim.domain.printer import Printer, PrinterState
from upsim.domain.printer_share import PrinterShare


def registration(request: str, **changes: Any) -> dict[str, Any]:
    return {
        "displayName": "Lab 3",
        "manufacturer": "Acme",
        "model": "A100",
        "physicalDeviceId": None,
        "hasPhysicalDevice": False,
        "certificateSigningRequest": {"content": request, "transportKey": "MIIBIj"},
        "connectorId": None,
        **changes,
    }


async def test_create_answers_202_and_the_operation_gives_the_printer(
    world: World, admin: Person, certificate_request: str
) -> None:
    created = await admin.post("/v1.0/print/printers/create", registration(certificate_request))
    assert (created.status, created.body) == (202, b"")
    assert int(created.headers["Retry-After"]) >= 1
    location = created.headers["Operation-Location"]
    assert location.startswith(f"{world.url}/v1.0/print/operations/")

    running = await admin.get(location)
    assert running.json["@odata.type"] == "#microsoft.graph.printerCreateOperation"
    assert running.json["@odata.context"] == f"{world.url}/v1.0/$metadata#print/operations/$entity"
    assert running.json["status"] == {"state": "running", "description": "The operation is running."}
    assert running.json["certificate"] is None
    assert "printer" not in running.json
    assert int(running.headers["Retry-After"]) >= 1

    world.elapsed += timedelta(seconds=2)
    done = await admin.get(location)
    assert "Retry-After" not in done.headers
    assert done.json["status"]["state"] == "succeeded"
    assert done.json["certificate"].startswith("MII")
    printer = done.json["printer"]
    assert printer["displayName"] == "Lab 3"
    assert printer["isAcceptingJobs"] is None
    assert printer["status"] == {"state": "unknown", "details": [], "description": ""}
    assert (await admin.get(location)).json["certificate"] == done.json["certificate"]

    listed = await admin.get("/v1.0/print/printers")
    assert [each["id"] for each in listed.json["value"]] == [printer["id"]]
    assert listed.json["@odata.context"] == f"{world.url}/v1.0/$metadata#print/printers"


@pytest.mark.parametrize("version", ["v1.0", "beta"])
async def test_get_leaves_capabilities_out_unless_selected(admin: Person, world: World, version: str) -> None:
    printer = a_printer(attributes={"sides-supported": one(KEYWORD, "two-sided-long-edge")})
    await world.put(printer)
    path = f"/{version}/print/printers/{printer.id}"
    plain = (await admin.get(path)).json
    assert "capabilities" not in plain
    assert plain["defaults"]["duplexMode"] is None
    assert ("acceptingJobs" in plain) == (version == "beta")
    selected = (await admin.get(f"{path}?$select=id,capabilities")).json
    assert set(selected) == {"@odata.context", "id", "capabilities"}
    assert selected["capabilities"]["duplexModes"] == ["flipOnLongEdge"]


async def test_lists_leave_defaults_out(admin: Person, printer: Printer) -> None:
    listed = (await admin.get("/v1.0/print/printers")).json["value"]
    assert "defaults" not in listed[0]
    selected = (await admin.get("/v1.0/print/printers?$select=id,defaults")).json["value"]
    assert set(selected[0]) == {"id", "defaults"}


async def test_status_is_projected_from_state_and_reasons(admin: Person, world: World) -> None:
    printer = a_printer(
        state=PrinterState.STOPPED,
        state_reasons=("media-jam-error", "opc-near-eol-warning", "fan-failure", "nobody-knows"),
        state_message="Open the door.",
        is_accepting_jobs=True,
    )
    await world.put(printer)
    path = f"/v1.0/print/printers/{printer.id}"
    plain = (await admin.get(path)).json
    assert plain["status"] == {
        "state": "stopped",
        "details": ["mediaJam", "opticalPhotoConductorNearEndOfLife", "unknownFutureValue", "other"],
        "description": "Open the door.",
    }
    everything = await admin.get(path, headers={"Prefer": "include-unknown-enum-members"})
    assert everything.json["status"]["details"][2] == "fanFailure"
    assert everything.headers["Preference-Applied"] == "include-unknown-enum-members"


async def test_an_id_matches_whatever_its_case(admin: Person, printer: Printer) -> None:
    assert (await admin.get(f"/v1.0/Print/printers/{printer.id.upper()}")).status == 200


async def test_rename(admin: Person, printer: Printer) -> None:
    answer = await admin.patch(f"/v1.0/print/printers/{printer.id}", {"displayName": "Lab 4"})
    assert (answer.status, answer.json["displayName"]) == (200, "Lab 4")
    assert (await admin.get(f"/v1.0/print/printers/{printer.id}")).json["displayName"] == "Lab 4"


async def test_delete_needs_the_share_gone_first(
    admin: Person, world: World, printer: Printer, share: PrinterShare
) -> None:
    refusal = await admin.delete(f"/v1.0/print/printers/{printer.id}")
    assert (refusal.status, refusal.code) == (409, "Conflict")
    assert (await admin.delete(f"/v1.0/print/shares/{share.id}")).status == 204
    deleted = await admin.delete(f"/v1.0/print/printers/{printer.id}")
    assert (deleted.status, deleted.body) == (204, b"")
    assert (await admin.get(f"/v1.0/print/printers/{printer.id}")).status == 404


async def test_expand_shares(admin: Person, printer: Printer, share: PrinterShare) -> None:
    expanded = (await admin.get("/v1.0/print/printers?$expand=shares($select=id)")).json["value"]
    assert expanded[0]["shares"] == [{"id": share.id}]
    assert expanded[0]["isShared"] is True
    single = (await admin.get(f"/beta/print/printers/{printer.id}?$select=id&$expand=share")).json
    assert single["share"]["id"] == share.id
    assert set(single) == {"@odata.context", "id", "share"}
    refusal = await admin.get(f"/v1.0/print/printers/{printer.id}?$expand=jobs")
    assert (refusal.status, refusal.code) == (400, "BadRequest")


async def test_filter_order_and_paging(admin: Person, world: World) -> None:
    await world.put(*(a_printer(name) for name in ("Delta", "Alpha", "Charlie", "Bravo")))
    url = "/v1.0/print/printers?$select=displayName&$orderby=displayName&$top=3"
    first = (await admin.get(url)).json
    assert [each["displayName"] for each in first["value"]] == ["Alpha", "Bravo", "Charlie"]
    second = (await admin.get(first["@odata.nextLink"])).json
    assert [each["displayName"] for each in second["value"]] == ["Delta"]
    assert "@odata.nextLink" not in second
    filtered = await admin.get("/v1.0/print/printers?$filter=startswith(displayName,'B')")
    assert [each["displayName"] for each in filtered.json["value"]] == ["Bravo"]


BAD_REGISTRATIONS: list[tuple[dict[str, Any], str]] = [
    ({"displayName": None}, "displayName"),
    ({"displayName": " "}, "display_name"),
    ({"manufacturer": 7}, "manufacturer"),
    ({"hasPhysicalDevice": "no"}, "hasPhysicalDevice"),
    ({"hasPhysicalDevice": True}, "physicalDeviceId"),
    ({"colour": "red"}, "colour"),
    ({"certificateSigningRequest": {"content": "MIIC"}}, "certificateSigningRequest/transportKey"),
]


@pytest.mark.parametrize(("changes", "named"), BAD_REGISTRATIONS)
async def test_a_bad_registration_is_refused_and_changes_nothing(
    admin: Person, world: World, certificate_request: str, changes: dict[str, Any], named: str
) -> None:
    before = await world.rows()
    answer = await admin.post("/v1.0/print/printers/create", registration(certificate_request, **changes))
    assert answer.status == 400
    assert named == answer.json["error"]["target"], answer.message
    assert await world.rows() == before


async def test_a_bad_certificate_request_is_refused(admin: Person, world: World) -> None:
    before = await world.rows()
    answer = await admin.post("/v1.0/print/printers/create", registration("AAAA"))
    assert answer.status == 400
    assert await world.rows() == before


async def test_an_unknown_operation_is_not_found(admin: Person) -> None:
    assert (await admin.get("/v1.0/print/operations/5b0d7c1e-0000-4000-8000-000000000999")).status == 404


async def test_a_printer_of_another_tenant_is_not_found(world: World, printer: Printer) -> None:
    stranger = world.admin(tid="5b0d7c1e-0000-4000-8000-000000000a02")
    assert (await stranger.get(f"/v1.0/print/printers/{printer.id}")).status == 404
    assert (await stranger.get("/v1.0/print/printers")).json["value"] == []


async def test_the_printer_behind_a_share(admin: Person, printer: Printer, share: PrinterShare) -> None:
    answer = await admin.get(f"/v1.0/print/shares/{share.id}/printer")
    assert answer.json["id"] == printer.id


async def test_capabilities_follow_the_documented_sample(admin: Person, world: World) -> None:
    """The pairs of flows.md section 2: the official IPP sample against the documented capabilities."""
    printer = a_printer(
        attributes={
            "color-supported": one(BOOLEAN, item=True),
            "print-quality-supported": one(ENUM, 4),
            "media-supported": one(KEYWORD, "na_letter_8.5x11in"),
            "finishings-supported": one(ENUM, 3),
        }
    )
    await world.put(printer, a_share(printer))
    answer = await admin.get(f"/v1.0/print/printers/{printer.id}?$select=capabilities")
    capabilities = answer.json["capabilities"]
    assert capabilities["isColorPrintingSupported"] is True
    assert capabilities["isPageRangeSupported"] is False
    assert capabilities["supportsFitPdfToPage"] is False
    assert capabilities["qualities"] == ["medium"]
    assert capabilities["mediaSizes"] == ["North America Letter"]
    assert capabilities["finishings"] == ["none"]


async def test_an_answer_depends_on_the_caller_the_version_and_the_headers(
    world: World, admin: Person, printer: Printer
) -> None:
    path = f"/print/printers/{printer.id}"
    for _ in range(2):
        stable, beta = await admin.get(f"/v1.0{path}"), await admin.get(f"/beta{path}")
        assert ("name" in stable.json, "name" in beta.json) == (False, True)
        bare = await admin.get(f"/v1.0{path}", headers={"Accept": "application/json;odata.metadata=none"})
        assert ("@odata.context" in stable.json, "@odata.context" in bare.json) == (True, False)
        assert (await admin.get(f"/v1.0{path}?$select=id")).json.keys() == {"@odata.context", "id"}
        elsewhere = await admin.get(f"/v1.0{path}", headers={"Host": "graph.microsoft.com"})
        assert elsewhere.json["@odata.context"].startswith("https://graph.microsoft.com/v1.0/")
        assert (await world.user(BOB).get(f"/v1.0{path}")).status == 403
        assert (await world.nobody().get(f"/v1.0{path}")).status == 401


async def test_an_answer_follows_every_change(world: World, admin: Person, bob: Person, printer: Printer) -> None:
    path = f"/v1.0/print/printers/{printer.id}"
    assert (await admin.get(path)).json["isShared"] is False
    share = a_share(printer, allow_all_users=False)
    await world.put(share)
    assert (await admin.get(path)).json["isShared"] is True
    assert (await bob.get("/v1.0/print/shares")).json["value"] == []
    await world.put(replace(share, allowed_users=(BOB,)))
    assert [each["id"] for each in (await bob.get("/v1.0/print/shares")).json["value"]] == [share.id]
    await world.put(a_printer("Second"))
    assert len((await admin.get("/v1.0/print/printers")).json["value"]) == 2
    await world.settings(queries={"page_size": 1})
    page = (await admin.get("/v1.0/print/printers")).json
    assert (len(page["value"]), "@odata.nextLink" in page) == (1, True)
    await admin.patch(path, {"displayName": "Lab 5"})
    assert (await admin.get(path)).json["displayName"] == "Lab 5"
