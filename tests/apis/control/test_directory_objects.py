"""Users, groups, administrative units and applications, added and changed while the server runs."""

from typing import Any

import aiohttp
import pytest

from upsim.app import Running

CONTOSO = "/_upsim/tenants/contoso.example"
GRAPH = "https://graph.microsoft.com"


async def call(http: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with http.request(method, f"{CONTOSO}/{path}", json=body) as response:
        return response.status, await response.json() if response.content_length else None


async def token(http: aiohttp.ClientSession, **form: str) -> tuple[int, Any]:
    async with http.post("/contoso.example/oauth2/v2.0/token", data=form) as response:
        return response.status, await response.json()


async def test_an_added_user_signs_in_and_a_locked_one_does_not(http: aiohttp.ClientSession) -> None:
    adele = {
        "userPrincipalName": "adele@contoso.example",
        "password": "Adele-pass-1",
        "displayName": "Adele Vance",
    }
    status, made = await call(http, "POST", "users", adele)
    assert (status, made["displayName"], made["isEnabled"]) == (201, "Adele Vance", True)
    form = {
        "grant_type": "password",
        "client_id": "0c0a7050-0000-4000-8000-00000000d001",
        "username": "adele@contoso.example",
        "password": "Adele-pass-1",
        "scope": "User.Read",
    }
    assert (await token(http, **form))[0] == 200
    for change, number in (({"isLocked": True}, 50053), ({"isLocked": False, "isEnabled": False}, 50057)):
        assert (await call(http, "PATCH", "users/adele@contoso.example", change))[0] == 200
        assert (await token(http, **form))[1]["error_codes"] == [number]
    _, changed = await call(http, "GET", f"users/{made['id']}")
    assert changed["password"] == "Adele-pass-1"
    assert (await call(http, "DELETE", "users/adele@contoso.example"))[0] == 204
    assert (await token(http, **form))[1]["error_codes"] == [50034]


async def test_an_added_application_gets_what_it_was_given(http: aiohttp.ClientSession) -> None:
    body = {
        "id": "0c0a7050-0000-4000-8000-00000000d0aa",
        "displayName": "Nightly run",
        "secret": "Nightly-secret-1",
        "redirectUris": ["http://localhost"],
        # by id, as a registration's manifest has it
        "graph": {"application": ["9709bb33-4549-49d4-8ed9-a8f65e45bb0f"]},
        "userConsents": [{"user": "alex@contoso.example", "graph": ["user.read"]}],
    }
    status, made = await call(http, "POST", "applications", body)
    assert (status, made["graph"]["application"]) == (201, ["Printer.Read.All"])
    own = {"client_id": body["id"], "client_secret": body["secret"]}
    assert (await token(http, grant_type="client_credentials", scope=f"{GRAPH}/.default", **own))[0] == 200
    person = {"grant_type": "password", "username": "alex@contoso.example", "password": "Alex-pass-1"}
    assert (await token(http, scope="User.Read", **person, **own))[0] == 200
    assert (await token(http, scope="PrintJob.Create", **person, **own))[1]["error_codes"] == [65001]
    other = person | {"username": "sam@contoso.example", "password": "Sam-pass-1"}
    assert (await token(http, scope="User.Read", **other, **own))[1]["error_codes"] == [65001]
    await call(http, "PATCH", f"applications/{body['id']}", {"secretExpiresAt": "2001-01-01T00:00:00Z"})
    refusal = await token(http, grant_type="client_credentials", scope=f"{GRAPH}/.default", **own)
    assert refusal[1]["error_codes"] == [7000222]
    _, shown = await call(http, "GET", f"applications/{body['id']}")
    assert shown["userConsents"][0]["graph"] == ["User.Read"]


async def test_groups_and_units_name_their_members(http: aiohttp.ClientSession) -> None:
    status, group = await call(http, "POST", "groups", {"displayName": "Lab", "members": ["sam@contoso.example"]})
    assert (status, group["members"]) == (201, ["sam@contoso.example"])
    _, changed = await call(http, "PATCH", "groups/Lab", {"members": []})
    assert (changed["id"], changed["members"]) == (group["id"], [])
    unit = {
        "displayName": "Third floor",
        "members": [group["id"], "alex@contoso.example"],
        "printerAdministrators": ["sam@contoso.example"],
    }
    assert (await call(http, "POST", "administrative-units", unit))[0] == 201
    _, listed = await call(http, "GET", "administrative-units")
    (shown,) = [each for each in listed["value"] if each["displayName"] == "Third floor"]
    assert shown == {**unit, "id": shown["id"]}
    nowhere = await call(http, "PATCH", f"administrative-units/{shown['id']}", {"members": ["Hall"]})
    assert nowhere[0] == 400
    assert "no group and no printer" in nowhere[1]["error"]["message"]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("users", {"userPrincipalName": "no-domain", "password": "x"}, 400, "user"),
        ("users", {"userPrincipalName": "a@contoso.example"}, 400, "password"),
        ("users", {"userPrincipalName": "ALEX@contoso.example", "password": "x"}, 409, "already"),
        ("users", {"userPrincipalName": "b@contoso.example", "password": "x", "roles": ["King"]}, 400, "King"),
        ("groups", {"displayName": "G", "members": ["ghost@contoso.example"]}, 400, "ghost@contoso.example"),
        ("groups", {"displayName": "G", "colour": "blue"}, 400, "colour"),
        ("applications", {"id": "x", "displayName": "X", "certificates": ["no"]}, 400, "certificate"),
        (
            "applications",
            {"id": "x", "displayName": "X", "graph": {"delegated": ["Printers.Create"]}},
            400,
            "of the other resource",
        ),
        (
            "applications",
            {"id": "x", "displayName": "X", "graph": {"application": ["PrintJob.Create"]}},
            400,
            "does not exist as application permission",
        ),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    http: aiohttp.ClientSession, path: str, body: dict[str, Any], status: int, said: str
) -> None:
    _, before = await call(http, "GET", path)
    found, answer = await call(http, "POST", path, body)
    assert (found, said in answer["error"]["message"]) == (status, True), answer
    assert (await call(http, "GET", path))[1] == before


async def test_a_seed_has_all_of_it(upsim: Running, http: aiohttp.ClientSession) -> None:
    seed = {
        "displayName": "Fabrikam",
        "domains": ["fabrikam.example", "fabrikam.test"],
        "users": [
            {"userPrincipalName": "kim@fabrikam.example", "password": "Kim-pass-1", "needsSecondFactor": True},
            {"userPrincipalName": "lee@fabrikam.test", "password": "Lee-pass-1", "isLocked": True},
        ],
        "administrativeUnits": [{"displayName": "Lab", "printerAdministrators": ["kim@fabrikam.example"]}],
        "applications": [
            {
                "id": "0c0a7050-0000-4000-8000-00000000d0bb",
                "displayName": "Kiosk",
                "requiredGraph": {"delegated": ["PrintJob.Create"]},
                "needsAssignment": True,
                "assignedUsers": ["kim@fabrikam.example"],
            }
        ],
    }
    async with http.post("/_upsim/tenants", json={"tenant": seed}) as response:
        assert response.status == 201
    form = {"grant_type": "password", "client_id": "0c0a7050-0000-4000-8000-00000000d0bb", "scope": "User.Read"}
    for name, password, number in (
        ("kim@fabrikam.example", "Kim-pass-1", 50076),
        ("lee@fabrikam.test", "Lee-pass-1", 50053),
    ):
        asked = form | {"username": name, "password": password}
        async with http.post("/fabrikam.test/oauth2/v2.0/token", data=asked) as response:
            assert (await response.json())["error_codes"] == [number]
