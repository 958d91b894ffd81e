"""Badges, pull-print printers and releases through the typed client."""

import pytest

from tests.support.processes import Process
from upsim.client import Client, ControlError, badges, pull_printers, releases, tenants

ALEX = "alex@contoso.example"


@pytest.fixture
def client(upsim_process: Process):
    with Client(upsim_process.https) as client:
        yield client


def test_badges(client: Client) -> None:
    tenant = client.send(tenants.create())["tenant"]["id"]
    user = client.send(badges.add(tenant, "card/7", ALEX))
    assert (user["id"], user["user"]) == ("card/7", ALEX)
    with pytest.raises(ControlError, match="There is a badge 'card/7' already") as refusal:
        client.send(badges.add(tenant, "card/7", ALEX))
    assert refusal.value.status == 409
    assert [each["id"] for each in client.send(badges.list_all(tenant))] == ["card/7"]
    client.send(badges.remove(tenant, "card/7"))
    assert client.send(badges.list_all(tenant)) == []


def test_pull_printers(client: Client) -> None:
    tenant = client.send(tenants.create())["tenant"]["id"]
    made = client.send(pull_printers.create(tenant, "A / B", options={"formats": ["urf"]}, share="Pull"))
    assert (made["formats"], made["share"]["displayName"], made["allPrinters"]) == (["image/urf"], "Pull", False)
    shared = client.send(pull_printers.share(tenant, "A / B", "Mine", users=[ALEX]))["share"]
    assert (shared["displayName"], shared["allowAllUsers"], shared["allowedUsers"]) == ("Mine", False, [ALEX])
    changed = client.send(pull_printers.change(tenant, "A / B", display_name="Pull", all_printers=True))
    assert changed["allPrinters"] is True
    assert client.send(pull_printers.get(tenant, "Pull"))["id"] == made["id"]
    with pytest.raises(ControlError, match="is a pull-print printer itself"):
        client.send(pull_printers.add_member(tenant, "Pull", "Pull"))
    with pytest.raises(ControlError, match="'None'"):
        client.send(pull_printers.remove_member(tenant, "Pull", "None"))
    client.send(pull_printers.unshare(tenant, "Pull"))
    client.send(pull_printers.delete(tenant, "Pull"))
    assert client.send(pull_printers.list_all(tenant)) == []


def test_releases(client: Client) -> None:
    tenant = client.send(tenants.create())["tenant"]["id"]
    assert client.send(releases.waiting(tenant, ALEX)) == []
    with pytest.raises(ControlError) as refusal:
        client.send(releases.release(tenant, 1, ALEX, printer="None"))
    assert refusal.value.status == 404
