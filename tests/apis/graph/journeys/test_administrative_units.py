"""A Printer Administrator of an administrative unit administers the printers in it, and no others."""

import pytest

from tests.support.graph.world import ADA, ADMIN_SCOPES, BOB, TENANT, Person, World, a_printer, a_share
from upsim.domain.administrative_unit import AdministrativeUnit
from upsim.domain.printer import Printer

UNIT = "5b0d7c1e-0000-4000-8000-000000000e01"


@pytest.fixture
async def other(world: World) -> Printer:
    """A printer that is in no unit."""
    made = a_printer("Elsewhere")
    await world.put(made)
    return made


@pytest.fixture
async def scoped(world: World, printer: Printer) -> Person:
    """Ada, who administers the unit of the first printer; her token names no role, as in Entra's `wids`."""
    await world.put(
        AdministrativeUnit(
            id=UNIT, display_name="Floor 3", members=(printer.id, BOB), printer_administrators=(ADA,)
        )
    )
    return world.user(ADA, ADMIN_SCOPES)


async def test_reads_and_writes_only_what_is_in_the_unit(
    world: World, scoped: Person, printer: Printer, other: Printer
) -> None:
    assert (await scoped.get(f"/v1.0/print/printers/{printer.id}")).status == 200
    listed = await scoped.get("/v1.0/print/printers")
    assert [each["id"] for each in listed.json["value"]] == [printer.id]
    assert (await scoped.get("/v1.0/print/printers/$count")).body == b"1"
    renamed = await scoped.patch(f"/v1.0/print/printers/{printer.id}", {"displayName": "Renamed"})
    assert (renamed.status, renamed.json["displayName"]) == (200, "Renamed")

    before = await world.rows()
    for answer in (
        await scoped.get(f"/v1.0/print/printers/{other.id}"),
        await scoped.patch(f"/v1.0/print/printers/{other.id}", {"displayName": "Renamed"}),
        await scoped.delete(f"/v1.0/print/printers/{other.id}"),
        await scoped.get(f"/v1.0/print/printers/{other.id}/jobs"),
        await scoped.post(f"/v1.0/print/printers/{other.id}/jobs", {"configuration": {}}),
        await scoped.get(f"/v1.0/print/printers/{other.id}/taskTriggers"),
    ):
        assert answer.status == 403, answer.body
    assert await world.rows() == before


async def test_shares_only_printers_of_the_unit(
    world: World, scoped: Person, printer: Printer, other: Printer
) -> None:
    def body(of: Printer) -> dict[str, str]:
        bind = f"https://graph.microsoft.com/v1.0/print/printers/{of.id}"
        return {"displayName": "Third floor", "printer@odata.bind": bind}

    made = await scoped.post("/v1.0/print/shares", body(printer))
    assert made.status == 201
    share = f"/v1.0/print/shares/{made.json['id']}"
    assert (await scoped.post("/v1.0/print/shares", body(other))).status == 403
    assert (await scoped.patch(share, body(other))).status == 403
    assert (await scoped.get(f"{share}/printer")).json["id"] == printer.id
    user = {"@odata.id": f"https://graph.microsoft.com/v1.0/users/{BOB}"}
    assert (await scoped.post(f"{share}/allowedUsers/$ref", user)).status == 204
    elsewhere = a_share(other, allow_all_users=False)
    await world.put(elsewhere)
    assert (await scoped.get(f"/v1.0/print/shares/{elsewhere.id}")).status == 403
    assert (await scoped.delete(f"/v1.0/print/shares/{elsewhere.id}")).status == 403
    assert [each["id"] for each in (await scoped.get("/v1.0/print/shares")).json["value"]] == [made.json["id"]]


async def test_sees_everybodys_jobs_on_printers_of_the_unit(
    world: World, scoped: Person, bob: Person, printer: Printer, other: Printer
) -> None:
    for each, expected in ((printer, 200), (other, 403)):
        share = a_share(each)
        await world.put(share)
        job = await bob.post(f"/v1.0/print/shares/{share.id}/jobs", {"configuration": {}})
        assert job.status == 201
        read = await scoped.get(f"/v1.0/print/shares/{share.id}/jobs/{job.json['id']}")
        assert read.status == expected
    assert len((await scoped.get(f"/v1.0/print/printers/{printer.id}/jobs")).json["value"]) == 1


async def test_has_nothing_to_do_with_the_whole_tenant(world: World, scoped: Person) -> None:
    before = await world.rows()
    for answer in (
        await scoped.get("/v1.0/print/connectors"),
        await scoped.get("/v1.0/print/settings"),
        await scoped.patch("/v1.0/print/settings", {"documentConversionEnabled": True}),
        await scoped.post("/v1.0/print/printers/create", {}),
    ):
        assert answer.status == 403, answer.body
    assert await world.rows() == before


async def test_a_member_is_no_administrator(world: World, scoped: Person, printer: Printer) -> None:
    bob = world.user(BOB, ADMIN_SCOPES)
    assert (await bob.get(f"/v1.0/print/printers/{printer.id}")).status == 403
    assert (await bob.get("/v1.0/print/printers")).status == 403


async def test_in_a_batch_too(world: World, scoped: Person, printer: Printer, other: Printer) -> None:
    requests = [{"id": each.id, "method": "GET", "url": f"/print/printers/{each.id}"} for each in (printer, other)]
    answers = (await scoped.post("/v1.0/$batch", {"requests": requests})).json["responses"]
    assert {each["id"]: each["status"] for each in answers} == {printer.id: 200, other.id: 403}


async def test_without_the_unit_it_ends(world: World, scoped: Person, printer: Printer) -> None:
    def unit(tx):  # type: ignore[no-untyped-def]
        tx.delete(tx.get(AdministrativeUnit, UNIT))

    await world.site.store.write(TENANT, unit)
    assert (await scoped.get(f"/v1.0/print/printers/{printer.id}")).status == 403
