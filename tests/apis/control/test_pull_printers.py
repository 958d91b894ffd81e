"""Pull-print printers as an administrator sets them up by the control API, and what is refused there."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.control import Office
from upsim.domain.query import Query
from upsim.services import pull_printing
from upsim.services.ports import Transaction

ALEX, SAM = "alex@contoso.example", "sam@contoso.example"
EVERY_FORMAT = ["pdf", "pwg-raster", "pclm", "urf", "xps", "raw"]


async def make(office: Office, **body: Any) -> dict[str, Any]:
    status, made = await office.control("POST", "/pull-printers", {"displayName": "Pull", **body})
    assert status == 201, made
    return made


async def state(office: Office) -> list[Any]:
    """All that the tenant has of printers and shares."""

    def unit(tx: Transaction) -> list[Any]:
        kinds = (pull_printing.Printer, pull_printing.PullPrinter, pull_printing.PrinterShare)
        return [tx.find(Query(entity=kind)) for kind in kinds]

    return await office.upsim.site.store.read(office.tenant_id, unit)


async def test_the_administrator_chooses_formats_media_and_colour(office: Office) -> None:
    options = {"formats": EVERY_FORMAT, "media": ["na_letter_8.5x11in"], "color": False, "duplex": False}
    made = await make(office, options=options, share={"displayName": "Pull", "allowAllUsers": True})
    path = f"/print/shares/{made['share']['id']}?$select=capabilities,defaults"
    shown = await office.alex.graph("GET", path, expect=(200,), note="")
    capabilities = shown["capabilities"]
    assert capabilities["contentTypes"] == [
        "application/pdf",
        "image/pwg-raster",
        "application/PCLm",
        "image/urf",
        "application/oxps",
        "application/vnd.ms-xpsdocument",
        "application/octet-stream",
    ]
    assert capabilities["mediaSizes"] == ["North America Letter"]
    assert (capabilities["isColorPrintingSupported"], capabilities["duplexModes"]) == (False, ["oneSided"])
    status, changed = await office.control("PATCH", "/pull-printers/Pull", {"options": {"formats": ["urf"]}})
    assert (status, changed["formats"], changed["isColor"]) == (200, ["image/urf"], True)


async def test_the_share_admits_whom_it_names(office: Office, tmp_path: Path) -> None:
    made = await make(office)
    assert made["share"] is None
    body = {"displayName": "Pull", "allowedUsers": [ALEX]}
    _, shared = await office.control("PUT", "/pull-printers/Pull/share", body)
    share = shared["share"]
    assert (share["allowAllUsers"], share["allowedUsers"], share["allowedGroups"]) == (False, [ALEX], [])
    path = f"/print/shares/{share['id']}"
    await office.alex.graph("GET", path, expect=(200,), note="")
    await office.sam.graph("GET", path, expect=(403, 404), note="")
    _, again = await office.control(
        "PUT", "/pull-printers/Pull/share", {"displayName": "Pull", "allowAllUsers": True}
    )
    assert (again["share"]["id"], again["share"]["allowedUsers"]) == (share["id"], [])
    await office.sam.graph("GET", path, expect=(200,), note="")
    assert (await office.control("DELETE", "/pull-printers/Pull/share"))[0] == 204
    assert (await office.control("GET", "/pull-printers/Pull"))[1]["share"] is None
    assert (await office.control("DELETE", "/pull-printers/Pull"))[0] == 204
    assert await office.control("GET", "/pull-printers") == (200, {"value": []})


async def test_members_and_the_switch_for_all(office: Office) -> None:
    made = await make(office, members=["Hall"])
    assert [each["id"] for each in made["members"]] == [office.device.printer_id]
    _, without = await office.control("DELETE", f"/pull-printers/Pull/members/{office.device.printer_id}")
    assert (without["members"], without["allPrinters"]) == ([], False)
    _, with_all = await office.control("PATCH", "/pull-printers/Pull", {"allPrinters": True})
    assert [each["displayName"] for each in with_all["members"]] == ["Hall"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code", "said"),
    [
        (
            "PUT",
            "/pull-printers/Pull/members/Other",
            None,
            400,
            "invalid",
            "'Other' is a pull-print printer itself; a member is a printer with a device.",
        ),
        ("PUT", "/pull-printers/Pull/members/Pull", None, 400, "invalid", "is a pull-print printer itself"),
        ("PUT", "/pull-printers/Pull/members/None", None, 404, "not_found", "'None'"),
        ("PUT", "/pull-printers/Hall/members/Hall", None, 404, "not_found", "'Hall'"),
        ("DELETE", "/pull-printers/Pull/members/Hall", None, 404, "not_found", "'Hall'"),
        ("GET", "/pull-printers/None", None, 404, "not_found", "'None'"),
        ("DELETE", "/pull-printers/None", None, 404, "not_found", "'None'"),
        ("DELETE", "/pull-printers/Pull/share", None, 404, "not_found", ""),
        ("DELETE", "/pull-printers/Other", None, 409, "already_exists", "share"),
        ("POST", "/pull-printers", {}, 400, "invalid", "'displayName' is missing"),
        ("POST", "/pull-printers", {"displayName": " "}, 400, "invalid", "must not be empty"),
        ("POST", "/pull-printers", {"displayName": "x", "members": ["None"]}, 404, "not_found", "'None'"),
        ("POST", "/pull-printers", {"displayName": "x", "members": ["Other"]}, 400, "invalid", "itself"),
        ("POST", "/pull-printers", {"displayName": "x", "share": {}}, 400, "invalid", "displayName"),
        ("POST", "/pull-printers", {"displayName": "x", "options": {"formats": ["pcl"]}}, 400, "invalid", "'pcl'"),
        (
            "POST",
            "/pull-printers",
            {"displayName": "x", "options": {"formats": []}},
            400,
            "invalid",
            "Print options need a format and a medium.",
        ),
        ("PATCH", "/pull-printers/Pull", {"displayName": ""}, 400, "invalid", "must not be empty"),
        ("PATCH", "/pull-printers/Pull", {"allPrinters": "yes"}, 400, "invalid", "line 1, allPrinters: "),
        (
            "PUT",
            "/pull-printers/Pull/share",
            {"displayName": "x", "allowedUsers": ["nobody"]},
            404,
            "not_found",
            "'nobody'",
        ),
        (
            "PUT",
            "/pull-printers/Pull/share",
            {"displayName": "x", "allowedGroups": ["Nobodies"]},
            404,
            "not_found",
            "'Nobodies'",
        ),
    ],
)
async def test_a_wrong_set_up_is_refused_and_changes_nothing(
    office: Office, method: str, path: str, body: Any, status: int, code: str, said: str
) -> None:
    await make(office)
    await make(office, displayName="Other", share={"displayName": "Other"})
    before = await state(office)
    found, refusal = await office.control(method, path, body)
    assert (found, refusal["error"]["code"]) == (status, code)
    assert said in refusal["error"]["message"]
    assert await state(office) == before


@pytest.mark.parametrize(
    ("job", "body", "status", "said"),
    [
        ("held", {"user": SAM}, 403, "can be released by its owner alone"),
        ("held", {"user": "nobody@contoso.example"}, 404, "'nobody@contoso.example' does not exist"),
        ("held", {"user": ALEX}, 409, "it is released at one of its member printers"),
        ("held", {"user": ALEX, "printer": "Elsewhere"}, 404, "'Elsewhere'"),
        ("held", {"user": ALEX, "printer": "Stranger"}, 409, "cannot be released at this printer"),
        ("held", {"printer": "Hall"}, 400, "'user' is missing"),
        ("direct", {"user": ALEX}, 409, "does not wait to be released"),
        ("none", {"user": ALEX}, 404, "'999'"),
    ],
)
async def test_a_wrong_release_is_refused_and_changes_nothing(
    office: Office, tmp_path: Path, job: str, body: Any, status: int, said: str
) -> None:
    made = await make(office, members=["Hall"], share={"displayName": "Pull", "allowAllUsers": True})
    await office.control("POST", "/simulated-printers", {"displayName": "Stranger"})
    document = tmp_path / "sample.pdf"
    document.write_bytes(b"%PDF-1.4 sample")
    ids = {
        "held": await office.alex.print(made["share"]["id"], document, {}),
        "direct": await office.alex.print(office.share_id, document, {}),
        "none": "999",
    }
    found, refusal = await office.control("POST", f"/jobs/{ids[job]}/release", body)
    assert found == status
    assert said in refusal["error"]["message"]
    _, held = await office.control("GET", f"/users/{ALEX}/held-jobs")
    assert [(each["id"], each["releasedTo"]) for each in held["value"]] == [(ids["held"], None)]
    assert await office.state_of(int(ids["direct"])) == "pending"
