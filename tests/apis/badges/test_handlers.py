"""Badge collections, badges and look-ups, with the requests of the badge release sample."""

import re
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from yarl import URL

from upsim.app import Running
from upsim.domain.application import UNIVERSAL_PRINT_RESOURCE
from upsim.domain.user import Role
from upsim.wire.jose.tokens import sign

USER_ID = "0c0a7050-0000-4000-8000-00000000b002"
COLLECTIONS = "/v1.0/print/badgeCollections"
LOOKUP = "/api/v2.0/badges/lookup"


class Preview:
    """The server, and tokens for an administrator and a device."""

    def __init__(self, upsim: Running, http: aiohttp.ClientSession) -> None:
        self.upsim, self.http = upsim, http
        self.tenant_id = str(upsim.tenants[0]["tenant"]["id"])
        self.admin = self.device = ""

    async def prepare(self) -> "Preview":
        self.admin = await self.token(
            oid="admin",
            upn="admin@contoso.example",
            scp="PrintBadges.ReadWrite",
            wids=[Role.PRINTER_ADMINISTRATOR],
        )
        self.device = await self.token(deviceid="p1", roles=["PrintBadges.Read", "PrintJob.Read"])
        return self

    async def token(self, audience: str = UNIVERSAL_PRINT_RESOURCE, **claims: Any) -> str:
        kid, key = await self.upsim.site.keyring.signing_key()
        now = (await self.upsim.site.store.now(self.tenant_id)).timestamp()
        standing = {"aud": audience, "tid": self.tenant_id, "nbf": int(now) - 10, "exp": int(now) + 86400}
        return sign({**standing, "appid": "sample", **claims}, key, kid)

    async def call(
        self, method: str, path: str, body: Any = None, token: str | None = None, **headers: str
    ) -> tuple[int, Any]:
        sent = {"Authorization": f"Bearer {self.admin if token is None else token}", **headers}

        url = URL(self.upsim.https + path, encoded=True)
        async with self.http.request(method, url, json=body, headers=sent) as response:
            content = await response.read()
            self.retry_after = response.headers.get("Retry-After")
            return response.status, await response.json() if content else None

    async def control(self, method: str, path: str, body: Any) -> None:
        url = f"/_upsim/tenants/{self.tenant_id}/{path}"
        async with self.http.request(method, url, json=body) as response:
            assert response.status == 200, await response.text()

    async def advance(self, seconds: float) -> None:
        await self.control("PATCH", "clock", {"advanceSeconds": seconds})

    async def look_up(self, badge_id: str, **more: Any) -> tuple[int, Any]:
        return await self.call("POST", LOOKUP, {"badgeId": badge_id, **more}, self.device)


@pytest.fixture
async def fresh(upsim: Running, http: aiohttp.ClientSession) -> Preview:
    """A tenant without a collection, whose clock stands."""
    preview = await Preview(upsim, http).prepare()
    await preview.control("PATCH", "clock", {"frozen": True})
    return preview


@pytest.fixture
async def preview(fresh: Preview) -> Preview:
    """A tenant whose collection is ready."""
    assert (await fresh.call("POST", COLLECTIONS, {}))[0] == 202
    await fresh.advance(1)
    return fresh


async def test_a_collection_is_made_in_its_own_time(fresh: Preview) -> None:
    await fresh.control("PUT", "settings", {"badges": {"provisioningSeconds": 7, "settlingSeconds": 60}})
    assert await fresh.call("GET", COLLECTIONS) == (200, {"value": []})
    status, asked = await fresh.call("POST", COLLECTIONS, {})
    assert (status, asked["collectionId"]) == (202, "0")
    operation = f"/v1.0/print/operations/{asked['id']}"
    status, running = await fresh.call("GET", operation)
    assert (status, running["id"], running["status"]) == (200, asked["id"], {"state": "running"})
    assert fresh.retry_after == "7"
    assert await fresh.call("GET", COLLECTIONS) == (200, {"value": [{"id": "0"}]})
    assert (await fresh.call("GET", f"{COLLECTIONS}/0"))[0] == 404
    assert (await fresh.call("POST", COLLECTIONS, {}))[0] == 409
    await fresh.advance(7)
    assert (await fresh.call("GET", operation))[1]["status"] == {"state": "succeeded"}
    assert await fresh.call("GET", f"{COLLECTIONS}/0") == (200, {"id": "0"})
    badge = {"id": "42", "upn": "alex@contoso.example"}
    status, refusal = await fresh.call("POST", f"{COLLECTIONS}/0/badges", badge)
    assert (status, refusal["error"]) == (404, {"code": "NotFound", "message": "Badge collection not found."})
    assert (await fresh.call("GET", f"{COLLECTIONS}/0/badges/42"))[0] == 404
    await fresh.advance(60)
    assert await fresh.call("POST", f"{COLLECTIONS}/0/badges", badge) == (201, badge)


async def test_a_collection_goes_in_its_own_time_and_may_come_back(preview: Preview) -> None:
    badges = f"{COLLECTIONS}/0/badges"
    await preview.call("POST", badges, {"id": "42", "upn": "alex@contoso.example"})
    assert (await preview.call("DELETE", f"{COLLECTIONS}/0"))[0] == 202
    assert (await preview.call("GET", f"{COLLECTIONS}/0"))[0] == 404
    assert (await preview.look_up("42"))[0] == 404
    assert (await preview.call("POST", COLLECTIONS, {}))[0] == 409
    assert (await preview.call("DELETE", f"{COLLECTIONS}/0"))[0] == 404
    await preview.advance(1)
    assert await preview.call("GET", COLLECTIONS) == (200, {"value": []})
    assert (await preview.call("POST", COLLECTIONS, {}))[0] == 202
    await preview.advance(1)
    assert (await preview.call("GET", f"{badges}/42"))[0] == 404


@pytest.mark.parametrize("badge_id", ["42", "badge/42", "a b", "ünïcode", "%2F"])
async def test_the_life_of_a_badge(preview: Preview, badge_id: str) -> None:
    badges = f"{COLLECTIONS}/0/badges"
    path = f"{badges}/{quote(badge_id, safe='')}"
    body = {"id": badge_id, "upn": "alex@contoso.example", "userId": USER_ID}
    assert await preview.call("POST", badges, body) == (201, body)
    assert await preview.call("GET", path) == (200, body)
    assert (await preview.call("POST", badges, body))[0] == 409
    changed = {"id": badge_id, "upn": "sam@contoso.example"}
    assert await preview.call("PATCH", path, {"upn": "sam@contoso.example"}) == (200, changed)
    found = {"badgeId": badge_id, "userURI": "mailto:sam@contoso.example", "userId": None}
    assert await preview.look_up(badge_id) == (200, found)
    older = f"/api/v1.0/badges/{quote(badge_id, safe='')}"
    assert await preview.call("GET", older, token=preview.device) == (200, found)
    assert (await preview.call("DELETE", path))[0] == 204
    assert (await preview.call("DELETE", path))[0] == 404
    assert (await preview.call("GET", path))[0] == 404
    assert (await preview.look_up(badge_id))[0] == 404


async def test_the_list_is_not_there_unless_the_tenant_says_so(preview: Preview) -> None:
    badges = f"{COLLECTIONS}/0/badges"
    body = {"id": "42", "upn": "alex@contoso.example"}
    await preview.call("POST", badges, body)
    assert (await preview.call("GET", badges))[0] == 501
    await preview.control("PUT", "settings", {"badges": {"listing": "served", "collectionId": "collection-1"}})
    assert await preview.call("GET", badges) == (200, {"value": [body]})


async def test_a_remembered_look_up_is_stale_for_a_while(preview: Preview) -> None:
    await preview.control("PUT", "settings", {"badges": {"cacheSeconds": 300}})
    badge = f"{COLLECTIONS}/0/badges/42"
    await preview.call("POST", f"{COLLECTIONS}/0/badges", {"id": "42", "upn": "alex@contoso.example"})

    async def holder(**more: Any) -> str:
        return (await preview.look_up("42", **more))[1]["userURI"]

    assert await holder() == "mailto:alex@contoso.example"
    await preview.call("PATCH", badge, {"upn": "sam@contoso.example"})
    await preview.advance(299)
    assert await holder() == "mailto:alex@contoso.example"
    assert await holder(bypassCache=True) == "mailto:sam@contoso.example"
    assert await holder() == "mailto:sam@contoso.example"
    await preview.call("DELETE", badge)
    assert await holder() == "mailto:sam@contoso.example"
    await preview.advance(300)
    assert (await preview.look_up("42"))[0] == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"id": "", "upn": "alex@contoso.example"}, 400),
        ({"id": "7"}, 400),
        ({"id": "7", "upn": "alex"}, 400),
        ({"id": 7, "upn": "alex@contoso.example"}, 400),
        ({"id": "7", "upn": "alex@contoso.example", "userId": "not a guid"}, 400),
    ],
)
async def test_a_bad_badge_is_refused(preview: Preview, body: Any, status: int) -> None:
    found, refusal = await preview.call("POST", f"{COLLECTIONS}/0/badges", body)
    assert (found, bool(refusal["error"]["message"])) == (status, True)
    assert (await preview.look_up("7"))[0] == 404


async def test_a_badge_belongs_to_one_user(preview: Preview) -> None:
    await preview.call("POST", f"{COLLECTIONS}/0/badges", {"id": "42", "upn": "alex@contoso.example"})
    before = await preview.call("GET", f"{COLLECTIONS}/0/badges/42")
    status, refusal = await preview.call(
        "POST", f"{COLLECTIONS}/0/badges", {"id": "42", "upn": "admin@contoso.example"}
    )
    assert (status, refusal["error"]["code"]) == (409, "Conflict")
    assert "delete it before it is given to another user" in refusal["error"]["message"]
    assert await preview.call("GET", f"{COLLECTIONS}/0/badges/42") == before


async def test_a_badge_needs_its_collection(fresh: Preview) -> None:
    body = {"id": "42", "upn": "alex@contoso.example"}
    status, refusal = await fresh.call("POST", f"{COLLECTIONS}/0/badges", body)
    assert (status, refusal["error"]["message"]) == (404, "Badge collection not found.")


async def test_who_may_manage_and_who_may_look_up(preview: Preview) -> None:
    await preview.call("POST", f"{COLLECTIONS}/0/badges", {"id": "42", "upn": "alex@contoso.example"})
    nobody = await preview.token(oid="alex", scp="PrintBadges.ReadWrite")
    unscoped = await preview.token(oid="admin", scp="PrintJob.Read", wids=[Role.PRINTER_ADMINISTRATOR])
    for token in (nobody, unscoped, preview.device):
        assert (await preview.call("GET", COLLECTIONS, token=token))[0] == 403
    without = await preview.token(deviceid="p1", roles=["PrintJob.Read"])
    application = await preview.token(roles=["PrintBadges.Read"])
    for token in (without, application, preview.admin):
        assert (await preview.call("POST", LOOKUP, {"badgeId": "42"}, token))[0] == 403
    assert (await preview.call("POST", LOOKUP, {"badgeId": "42"}, "nonsense"))[0] == 401
    await preview.control("PUT", "settings", {"badges": {"enrolled": False}})
    status, refusal = await preview.look_up("42")
    assert (status, "not enrolled" in refusal["error"]["message"]) == (403, True)


@pytest.mark.parametrize("body", [{}, {"badgeId": ""}, {"badgeId": None}, {"badgeId": "42", "pin": 1}, []])
async def test_a_bad_look_up_is_refused(preview: Preview, body: Any) -> None:
    assert (await preview.call("POST", LOOKUP, body, preview.device))[0] == 400


async def test_the_host_names_of_microsoft_keep_the_interfaces_apart(preview: Preview) -> None:
    hosts = {"admin": "graph.print.microsoft.com", "device": "print.print.microsoft.com"}
    assert (await preview.call("GET", COLLECTIONS, Host=hosts["admin"]))[0] == 200
    assert (await preview.call("GET", COLLECTIONS, Host="graph.microsoft.com"))[0] == 404
    assert (await preview.call("POST", LOOKUP, {"badgeId": "x"}, preview.device, Host=hosts["admin"]))[0] == 404
    status, refusal = await preview.call("POST", LOOKUP, {"badgeId": ""}, preview.device, Host=hosts["device"])
    assert (status, re.match("badgeId must", refusal["error"]["message"]) is not None) == (400, True)


async def test_an_operations_path_is_graphs_for_a_token_of_graph(preview: Preview) -> None:
    path = "/v1.0/print/operations/00000000-0000-4000-8000-000000000000"
    graph = await preview.token(
        "https://graph.microsoft.com", oid="admin", scp="Printer.Create", wids=[Role.PRINTER_ADMINISTRATOR]
    )
    status, ours = await preview.call("GET", path)
    assert (status, ours["error"]["code"]) == (404, "NotFound")
    status, graphs = await preview.call("GET", path, token=graph)
    assert (status, "innerError" in graphs["error"]) == (404, True)
