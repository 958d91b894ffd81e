"""PATCH of a printer: JSON by administrators, JSON and IPP by the application that registered it."""

from typing import Any

import pytest

from tests.support.graph.printer_attributes import attribute, sample
from tests.support.graph.world import APP, OTHER_APP, Person, World, a_printer
from upsim.domain.attributes import ENUM, KEYWORD, MIME_MEDIA_TYPE, one
from upsim.domain.printer import Printer
from upsim.wire.ipp.encode import encode_group
from upsim.wire.ipp.tags import GroupTag, ValueTag
from upsim.wire.ipp.values import AttributeGroup

IPP = {"Content-Type": "application/ipp"}


@pytest.fixture
async def virtual(world: World) -> Printer:
    printer = a_printer(has_physical_device=False, registered_by_app_id=APP)
    await world.put(printer)
    return printer


@pytest.mark.parametrize("head", [b"", bytes.fromhex("0200000b00000001")])
@pytest.mark.parametrize("tail", [b"", b"\x03"])
async def test_ipp_with_and_without_header_and_end_tag(
    app: Person, admin: Person, virtual: Printer, head: bytes, tail: bytes
) -> None:
    body = head + sample() + tail
    assert sample()[0] == 0x04
    path = f"/v1.0/print/printers/{virtual.id}"
    answer = await app.patch(path, body, headers=IPP)
    assert (answer.status, answer.body) == (204, b"")
    seen = (await admin.get(f"{path}?$select=capabilities,defaults,isAcceptingJobs,status")).json
    assert seen["isAcceptingJobs"] is True
    assert seen["status"]["state"] == "idle"
    assert seen["capabilities"] == {
        "bottomMargins": [2120],
        "leftMargins": [2120],
        "rightMargins": [2120],
        "topMargins": [2120],
        "collation": True,
        "colorModes": ["grayscale", "color"],
        "contentTypes": ["application/pdf", "image/pwg-raster", "application/PCLm"],
        "copiesPerJob": {"start": 1, "end": 38},
        "dpis": [600],
        "duplexModes": ["oneSided", "flipOnLongEdge", "flipOnShortEdge"],
        "feedOrientations": ["shortEdgeFirst"],
        "finishings": ["none"],
        "inputBins": ["tray-1"],
        "isColorPrintingSupported": True,
        "isPageRangeSupported": False,
        "mediaColors": [],
        "mediaSizes": ["North America Letter"],
        "mediaTypes": ["stationery"],
        "multipageLayouts": [],
        "orientations": [],
        "outputBins": ["tray-1"],
        "pagesPerSheet": [],
        "qualities": ["medium"],
        "scalings": ["fill"],
        "supportsFitPdfToPage": False,
    }
    defaults = seen["defaults"]
    assert (defaults["colorMode"], defaults["dpi"], defaults["duplexMode"]) == ("grayscale", 600, "oneSided")
    assert (defaults["mediaSize"], defaults["quality"], defaults["scaling"]) == (
        "North America Letter",
        "medium",
        "fill",
    )
    assert (defaults["orientation"], defaults["finishings"], defaults["copiesPerJob"]) == ("portrait", ["none"], 1)


async def test_attributes_replace_whole_sets(app: Person, admin: Person, virtual: Printer) -> None:
    path = f"/v1.0/print/printers/{virtual.id}"
    await app.patch(path, sample(), headers=IPP)
    less = encode_group(
        AttributeGroup(GroupTag.PRINTER, (attribute("sides-supported", ValueTag.KEYWORD, "one-sided"),))
    )
    assert (await app.patch(path, less, headers=IPP)).status == 204
    seen = (await admin.get(f"{path}?$select=capabilities")).json["capabilities"]
    assert (seen["duplexModes"], seen["qualities"]) == (["oneSided"], ["medium"])


@pytest.mark.parametrize("body", [b"", b"\x04", b"\x04\x44\x00", b"{}", b"\x02\x44"])
async def test_malformed_ipp(app: Person, world: World, virtual: Printer, body: bytes) -> None:
    before = await world.rows()
    answer = await app.patch(f"/v1.0/print/printers/{virtual.id}", body, headers=IPP)
    if answer.status == 204:  # an empty group says nothing
        assert body == b"\x04"
        return
    assert (answer.status, answer.code) == (400, "BadRequest")
    assert await world.rows() == before


async def test_ipp_is_for_applications(admin: Person, world: World, virtual: Printer) -> None:
    answer = await admin.patch(f"/v1.0/print/printers/{virtual.id}", sample(), headers=IPP)
    assert (answer.status, answer.code) == (403, "Forbidden")


async def test_json_by_the_application(app: Person, admin: Person, virtual: Printer) -> None:
    body = {
        "displayName": "Virtual",
        "manufacturer": "Contoso",
        "model": "V1",
        "isAcceptingJobs": True,
        "status": {"state": "stopped", "details": ["mediaJam", "tonerLow"], "description": "Help"},
        "capabilities": {"duplexModes": ["flipOnLongEdge"], "qualities": ["high"], "dpis": [1200]},
        "defaults": {"duplexMode": "flipOnLongEdge"},
    }
    answer = await app.patch(f"/v1.0/print/printers/{virtual.id}", body)
    assert answer.status == 200
    seen = (await admin.get(f"/v1.0/print/printers/{virtual.id}?$select=*,capabilities")).json
    assert {name: seen[name] for name in ("displayName", "manufacturer", "model", "isAcceptingJobs")} == {
        "displayName": "Virtual",
        "manufacturer": "Contoso",
        "model": "V1",
        "isAcceptingJobs": True,
    }
    assert seen["status"] == body["status"]
    selected = (await admin.get(f"/v1.0/print/printers/{virtual.id}?$select=capabilities")).json
    assert selected["capabilities"]["duplexModes"] == ["flipOnLongEdge"]
    assert selected["capabilities"]["qualities"] == ["high"]
    assert selected["capabilities"]["dpis"] == [1200]


async def test_the_own_printer_rule(world: World, app: Person, virtual: Printer) -> None:
    physical = a_printer(registered_by_app_id=APP)
    await world.put(physical)
    before = await world.rows()
    for person, printer, content in (
        (world.app(app_id=OTHER_APP), virtual, {"displayName": "Mine"}),
        (app, physical, {"displayName": "Mine"}),
    ):
        answer = await person.patch(f"/v1.0/print/printers/{printer.id}", content)
        assert (answer.status, answer.code) == (403, "Forbidden")
        binary = await person.patch(f"/v1.0/print/printers/{printer.id}", sample(), headers=IPP)
        assert binary.status == 403
    assert await world.rows() == before


async def test_defaults_by_an_administrator_merge_and_are_reset(admin: Person, world: World) -> None:
    printer = a_printer(
        attributes={
            "sides-default": one(KEYWORD, "one-sided"),
            "print-quality-default": one(ENUM, 4),
            "document-format-default": one(MIME_MEDIA_TYPE, "application/pdf"),
        }
    )
    await world.put(printer)
    path = f"/v1.0/print/printers/{printer.id}"
    assert (await admin.patch(path, {"defaults": {"mediaSize": "A4"}})).json["defaults"]["mediaSize"] == "A4"
    changed = await admin.patch(path, {"defaults": {"duplexMode": "flipOnShortEdge"}})
    defaults = (await admin.get(path)).json["defaults"]
    assert changed.json["defaults"] == defaults
    assert (defaults["mediaSize"], defaults["duplexMode"], defaults["quality"]) == (
        "A4",
        "flipOnShortEdge",
        "medium",
    )
    taken_back = await admin.patch(path, {"defaults": {"duplexMode": None}})
    assert taken_back.json["defaults"]["duplexMode"] == "oneSided"
    reset = await admin.post(f"{path}/restoreFactoryDefaults")
    assert (reset.status, reset.body) == (204, b"")
    assert (await admin.get(path)).json["defaults"]["mediaSize"] is None
    assert (await admin.post(path.replace("v1.0", "beta") + "/resetDefaults")).status == 204


async def test_location_merges_and_accepts_the_samples_spelling(admin: Person, printer: Printer) -> None:
    path = f"/v1.0/print/printers/{printer.id}"
    await admin.patch(path, {"location": {"city": "Redmond", "latitude": 47.6, "subUnit": ["Main", "Chicago"]}})
    answer = await admin.patch(path, {"location": {"floor": "3", "latitude": None}})
    location = answer.json["location"]
    assert (location["city"], location["floor"], location["latitude"], location["subunit"]) == (
        "Redmond",
        "3",
        None,
        ["Main", "Chicago"],
    )
    beta = (await admin.get(path.replace("v1.0", "beta"))).json["location"]
    assert (beta["floorNumber"], beta["roomNumber"]) == (3, None)


BAD_UPDATES: list[tuple[str, Any]] = [
    ("admin", {"name": "Lab 3"}),
    ("admin", {"manufacturer": "Contoso"}),
    ("admin", {"status": {"state": "idle"}}),
    ("admin", {"isShared": True}),
    ("admin", {"displayName": ""}),
    ("admin", {"displayName": None}),
    ("admin", {"defaults": {"duplexMode": "both"}}),
    ("admin", {"defaults": {"dpi": "600"}}),
    ("admin", {"location": {"latitude": "north"}}),
    ("admin", {"location": {"planet": "Mars"}}),
    ("app", {"location": {"city": "Redmond"}}),
    ("app", {"capabilities": {"dpis": [600, "x"]}}),
    ("app", {"capabilities": {"colorModes": ["sepia"]}}),
    ("app", {"status": {"state": "on fire"}}),
]


@pytest.mark.parametrize(("who", "body"), BAD_UPDATES)
async def test_a_bad_update_is_refused_and_changes_nothing(
    world: World, app: Person, admin: Person, virtual: Printer, who: str, body: Any
) -> None:
    before = await world.rows()
    person = {"app": app, "admin": admin}[who]
    answer = await person.patch(f"/v1.0/print/printers/{virtual.id}", body)
    assert (answer.status, answer.code) == (400, "BadRequest"), answer.body
    assert await world.rows() == before


async def test_old_capability_names_in_beta_only(app: Person, admin: Person, virtual: Printer) -> None:
    path = f"/print/printers/{virtual.id}"
    await app.patch(f"/v1.0{path}", sample(), headers=IPP)
    for spelling in ("getCapabilities", "getCapabilities()", "microsoft.graph.getCapabilities()"):
        answer = await admin.get(f"/beta{path}/{spelling}")
        assert answer.status == 200
        assert answer.json["@odata.context"].endswith("#microsoft.graph.printerCapabilities")
        assert answer.json["supportedCopiesPerJob"] == {"minimum": 1, "maximum": 38}
        assert answer.json["supportedDuplexConfigurations"] == [
            "oneSided",
            "twoSidedLongEdge",
            "twoSidedShortEdge",
        ]
    assert (await admin.get(f"/v1.0{path}/getCapabilities")).status == 400


async def test_a_device_that_reports_nonsense_does_not_break_the_answer(admin: Person, world: World) -> None:
    printer = a_printer(
        attributes={
            "printer-resolution-supported": one(KEYWORD, "600dpi"),
            "sides-supported": one(ENUM, 3),
            "media-supported": one(0x36, ["en", "A4"]),
        }
    )
    await world.put(printer)
    answer = await admin.get(f"/beta/print/printers/{printer.id}?$select=capabilities")
    assert answer.json["capabilities"]["dpis"] == []
    assert answer.json["capabilities"]["mediaSizes"] == ["A4"]
