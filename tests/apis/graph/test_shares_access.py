"""Who may print to a share: allowedUsers, allowedGroups, and the shares that somebody used."""

from datetime import timedelta

import pytest

from tests.support.graph.jobs import a_job
from tests.support.graph.world import ADA, BOB, READERS, Person, World, a_printer, a_share
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare


@pytest.fixture
async def closed(world: World, printer: Printer) -> PrinterShare:
    share = a_share(printer, allow_all_users=False)
    await world.put(share)
    return share


@pytest.mark.parametrize(
    "reference",
    [
        "https://graph.microsoft.com/v1.0/users/{}",
        "https://graph.microsoft.com/v1.0/directoryObjects/{}",
        "/users/{}",
        "https://localhost/beta/users('{}')",
    ],
)
async def test_grant_and_revoke_a_user(
    world: World, admin: Person, ada: Person, closed: PrinterShare, reference: str
) -> None:
    path = f"/v1.0/print/shares/{closed.id}/allowedUsers"
    assert (await ada.get(f"/v1.0/print/shares/{closed.id}")).status == 403
    granted = await admin.post(f"{path}/$ref", {"@odata.id": reference.format(ADA)})
    assert (granted.status, granted.body) == (204, b"")
    assert (await ada.get(f"/v1.0/print/shares/{closed.id}")).status == 200
    listed = (await admin.get(path)).json
    assert listed["@odata.context"] == f"{world.url}/v1.0/$metadata#Collection(microsoft.graph.user)"
    assert [(each["id"], each["userPrincipalName"]) for each in listed["value"]] == [(ADA, "ada@contoso.example")]
    references = (await admin.get(f"{path}/$ref")).json["value"]
    assert references == [{"@odata.id": f"{world.url}/v1.0/users/{ADA}"}]
    assert (await admin.delete(f"{path}/{ADA}/$ref")).status == 204
    assert (await ada.get(f"/v1.0/print/shares/{closed.id}")).status == 403


async def test_groups_and_both_documented_paths(
    admin: Person, bob: Person, printer: Printer, closed: PrinterShare
) -> None:
    body = {"@odata.id": f"https://graph.microsoft.com/v1.0/groups/{READERS}"}
    path = f"/v1.0/print/shares/{closed.id}/allowedGroups"
    at_the_printer = f"/v1.0/print/printers/{printer.id}/shares/{closed.id}/allowedGroups/$ref"
    assert (await admin.post(at_the_printer, body)).status == 204
    assert (await bob.get(f"/v1.0/print/shares/{closed.id}")).status == 200
    assert (await admin.get(path)).json["value"][0]["displayName"] == "Readers"
    assert (await admin.get(f"{path}/$count")).body == b"1"
    by_query = await admin.delete(f"{path}/$ref?@id=https://graph.microsoft.com/v1.0/groups/{READERS}")
    assert by_query.status == 204
    assert (await admin.get(path)).json["value"] == []


async def test_bad_references_change_nothing(admin: Person, world: World, closed: PrinterShare) -> None:
    path = f"/v1.0/print/shares/{closed.id}/allowedUsers"
    await admin.post(f"{path}/$ref", {"@odata.id": f"users/{ADA}"})
    before = await world.rows()
    twice = await admin.post(f"{path}/$ref", {"@odata.id": f"users/{ADA}"})
    assert (twice.status, twice.code) == (400, "Request_BadRequest")
    assert "already exist" in twice.message
    for body in ({}, {"@odata.id": 5}, {"@odata.id": "nonsense"}, {"@odata.id": f"groups/{READERS}"}):
        assert (await admin.post(f"{path}/$ref", body)).status == 400
    unknown = await admin.post(f"{path}/$ref", {"@odata.id": "users/nobody"})
    assert (unknown.status, unknown.code) == (404, "Request_ResourceNotFound")
    assert (await admin.delete(f"{path}/{BOB}/$ref")).status == 404
    assert (await admin.delete(f"{path}/$ref")).status == 400
    assert await world.rows() == before


async def test_expand_the_access_list(admin: Person, closed: PrinterShare) -> None:
    await admin.post(f"/v1.0/print/shares/{closed.id}/allowedUsers/$ref", {"@odata.id": f"users/{ADA}"})
    answer = await admin.get(f"/v1.0/print/shares/{closed.id}?$expand=allowedUsers($select=id),allowedGroups")
    assert answer.json["allowedUsers"] == [{"id": ADA}]
    assert answer.json["allowedGroups"] == []


async def test_recent_shares_are_the_users_own_newest_first(
    world: World, ada: Person, bob: Person, admin: Person, share: PrinterShare
) -> None:
    other_printer = a_printer()
    other = a_share(other_printer, "Other")
    await world.put(other_printer, other)
    assert (await ada.get("/v1.0/me/print/recentPrinterShares")).json["value"] == []
    await a_job(ada, share)
    world.elapsed += timedelta(minutes=1)
    await a_job(ada, other)
    mine = (await ada.get("/v1.0/me/print/recentPrinterShares")).json["value"]
    assert [each["id"] for each in mine] == [other.id, share.id]
    assert mine[0]["viewPoint"]["lastUsedDateTime"] > mine[1]["viewPoint"]["lastUsedDateTime"]
    assert (await bob.get("/beta/me/print/recentPrinterShares")).json["value"] == []
    assert (await bob.get(f"/v1.0/users/{ADA}/print/recentPrinterShares")).status == 403
    seen = (await admin.get(f"/v1.0/users/{ADA}/print/recentPrinterShares")).json["value"]
    assert [each["viewPoint"] for each in seen] == [each["viewPoint"] for each in mine]
    single = (await ada.get(f"/v1.0/print/shares/{share.id}")).json
    assert single["viewPoint"] == mine[1]["viewPoint"]


async def test_shares_of_a_printer(ada: Person, admin: Person, printer: Printer, closed: PrinterShare) -> None:
    path = f"/v1.0/print/printers/{printer.id}/shares"
    assert [each["id"] for each in (await admin.get(path)).json["value"]] == [closed.id]
    assert (await ada.get(path)).json["value"] == []
    assert (await admin.get(f"{path}/{closed.id}")).json["id"] == closed.id
    assert (await admin.get(f"/v1.0/print/printers/{a_printer().id}/shares")).status == 404


async def test_beta_unshares_by_the_printer(admin: Person, printer: Printer, closed: PrinterShare) -> None:
    assert (await admin.delete(f"/v1.0/print/printers/{printer.id}/share")).status == 400
    assert (await admin.delete(f"/beta/print/printers/{printer.id}/share")).status == 204
    assert (await admin.delete(f"/beta/print/printers/{printer.id}/share")).status == 404


async def test_counts_are_plain_text(ada: Person, share: PrinterShare) -> None:
    answer = await ada.get("/v1.0/print/shares/$count")
    assert (answer.status, answer.body) == (200, b"1")
    assert answer.headers["Content-Type"].startswith("text/plain")
