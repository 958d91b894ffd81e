"""Tenants made, reset and deleted while the server runs."""

import asyncio
from typing import Any

import aiohttp
import pytest

from upsim.app import Running

TENANTS = "/_upsim/tenants"


async def call(http: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with http.request(method, path, json=body) as response:
        return response.status, await response.json() if response.content_length else None


async def test_a_new_tenant_is_like_the_first_under_a_name_of_its_own(
    upsim: Running, http: aiohttp.ClientSession
) -> None:
    status, made = await call(http, "POST", TENANTS, {})
    assert status == 201
    assert made["tenant"]["id"] != upsim.tenants[0]["tenant"]["id"]
    assert [user["password"] for user in made["users"]] == [user["password"] for user in upsim.tenants[0]["users"]]
    assert len((await call(http, "GET", TENANTS))[1]["value"]) == 2


async def test_a_tenant_can_be_made_from_a_seed_of_its_own(http: aiohttp.ClientSession, upsim: Running) -> None:
    seed = {
        "displayName": "Fabrikam",
        "domains": ["fabrikam.example"],
        "users": [{"userPrincipalName": "kim@fabrikam.example", "password": "Kim-pass-1"}],
    }
    status, made = await call(http, "POST", TENANTS, {"tenant": seed, "frozenAt": "2026-01-05T10:00:00Z"})
    assert (status, made["tenant"]["domain"]) == (201, "fabrikam.example")
    _, clock = await call(http, "GET", f"{TENANTS}/fabrikam.example/clock")
    assert (clock["mode"], clock["now"]) == ("frozen", "2026-01-05T10:00:00+00:00")


async def test_the_first_tenant_stays_the_first(http: aiohttp.ClientSession) -> None:
    first = (await call(http, "GET", TENANTS))[1]["value"][0]["tenant"]["id"]
    for long_ago in ("1999-01-01T00:00:00Z", "2001-01-01T00:00:00Z"):
        assert (await call(http, "POST", TENANTS, {"frozenAt": long_ago}))[0] == 201
    assert (await call(http, "POST", f"{TENANTS}/{first}/reset"))[0] == 200
    assert (await call(http, "GET", TENANTS))[1]["value"][0]["tenant"]["id"] == first
    assert (await call(http, "GET", "/_upsim/addresses"))[1]["tenant"] == first


async def test_a_seed_without_domains_stands_in_two_tenants_at_once(http: aiohttp.ClientSession) -> None:
    made = [await call(http, "POST", TENANTS, {"tenant": {"displayName": "F", "domains": []}}) for _ in range(2)]
    one, other = (answer["tenant"] for status, answer in made if status == 201)
    assert one["id"] != other["id"]
    assert one["domain"] == f"{one['id'][:8]}.upsim.example"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"colour": 1}, 400),
        ({"like": "nobody.example"}, 404),
        ({"id": "0c0a7050-0000-4000-8000-00000000a001", "domain": "x.example"}, 409),
        ({"domain": "contoso.example"}, 409),
        ({"tenant": {"displayName": "F"}}, 400),
        ({"frozenAt": "2026-01-05T10:00:00"}, 400),
    ],
)
async def test_a_tenant_that_cannot_be_is_refused(
    upsim: Running, http: aiohttp.ClientSession, body: dict[str, Any], status: int
) -> None:
    assert (await call(http, "POST", TENANTS, body))[0] == status
    assert len((await call(http, "GET", TENANTS))[1]["value"]) == 1


@pytest.mark.parametrize(
    ("body", "line", "path", "said"),
    [
        ('{"tenant": {"displayName": "F",\n"domains": "f.example"}}', 2, "tenant.domains", "Expected 'array'"),
        ('{"domain": "f.example",\n\n"frozenat": 1}', 3, "frozenat", "did you mean 'frozenAt'?"),
        (
            '{"tenant": {"displayName": "F", "domains": ["f.example"],\n"groups": [\n'
            '{"displayName": "G", "members": [\n"x@f.example"]}]}}',
            4,
            "tenant.groups[0]",
            "no user",
        ),
    ],
)
async def test_what_is_wrong_in_a_seed_is_told_with_its_line(
    upsim: Running, http: aiohttp.ClientSession, body: str, line: int, path: str, said: str
) -> None:
    async with http.post(TENANTS, data=body) as response:
        assert response.status == 400
        (problem,) = (await response.json())["error"]["problems"]
    assert (problem["line"], problem["path"]) == (line, path)
    assert said in problem["message"]
    assert len((await call(http, "GET", TENANTS))[1]["value"]) == 1


async def test_a_lenient_seed_admits_whoever_asks(upsim: Running, http: aiohttp.ClientSession) -> None:
    asked = {
        "grant_type": "client_credentials",
        "client_id": "11111111-0000-4000-8000-000000000001",
        "client_secret": "whatever",
        "scope": "https://graph.microsoft.com/.default",
    }
    for is_lenient, status in ((True, 200), (False, 400)):
        domain = f"lenient-{is_lenient}.example".lower()
        seed = {"displayName": "L", "domains": [domain], "isLenient": is_lenient}
        assert (await call(http, "POST", TENANTS, {"tenant": seed}))[0] == 201
        async with http.post(f"/{domain}/oauth2/v2.0/token", data=asked) as response:
            assert response.status == status


async def test_a_seed_of_its_own_may_have_printers_jobs_injections_and_a_clock(
    upsim: Running, http: aiohttp.ClientSession
) -> None:
    user = {"userPrincipalName": "kim@f.example", "password": "Kim-pass-1"}
    seed = {
        "displayName": "F",
        "domains": ["f.example"],
        "clock": {"frozenAt": "2026-01-05T10:00:00Z"},
        "users": [user],
        "printers": [{"displayName": "Hall", "jobs": [{"user": user["userPrincipalName"]}]}],
        "injections": [{"name": "busy", "operation": "graph.printer.*", "answer": {"status": 503}}],
    }
    assert (await call(http, "POST", TENANTS, {"tenant": seed}))[0] == 201
    assert (await call(http, "GET", f"{TENANTS}/f.example/clock"))[1]["now"] == "2026-01-05T10:00:00+00:00"
    (injection,) = (await call(http, "GET", f"{TENANTS}/f.example/injections"))[1]["value"]
    assert injection["name"] == "busy"
    assert (await call(http, "POST", f"{TENANTS}/f.example/reset"))[0] == 200
    (again,) = (await call(http, "GET", f"{TENANTS}/f.example/injections"))[1]["value"]
    assert again == injection


async def test_a_reset_tenant_is_as_its_seed_made_it(upsim: Running, http: aiohttp.ClientSession) -> None:
    _, made = await call(http, "POST", TENANTS, {"seed": "1"})
    tenant = f"{TENANTS}/{made['tenant']['id']}"
    await call(http, "PATCH", f"{tenant}/clock", {"frozen": True, "advanceSeconds": 3600})
    await call(http, "PUT", f"{tenant}/settings", {"queries": {"pageSize": 5}})
    status, renewed = await call(http, "POST", f"{tenant}/reset")
    assert (status, renewed) == (200, made)
    assert (await call(http, "GET", f"{tenant}/clock"))[1]["mode"] == "real"
    assert (await call(http, "GET", f"{tenant}/settings"))[1]["values"]["queries"]["pageSize"] == 100


async def test_a_deleted_tenant_is_gone(upsim: Running, http: aiohttp.ClientSession) -> None:
    _, made = await call(http, "POST", TENANTS, {})
    tenant = f"{TENANTS}/{made['tenant']['id']}"
    assert (await call(http, "DELETE", tenant))[0] == 204
    assert (await call(http, "DELETE", tenant))[0] == 404
    async with http.get(f"/{made['tenant']['id']}/v2.0/.well-known/openid-configuration") as response:
        assert response.status == 400


async def test_settings_that_a_tenant_does_not_have_are_refused(
    upsim: Running, http: aiohttp.ClientSession
) -> None:
    settings = f"{TENANTS}/contoso.example/settings"
    for wrong in ({"page_sizes": 5}, {"tokens": {"issuer": "mine"}}, {"limits": {"profile": "none"}}):
        assert (await call(http, "PUT", settings, wrong))[0] == 400
    assert (await call(http, "GET", settings))[1]["values"]["tokens"]["issuer"] == "local"


async def test_sixty_tenants_have_clocks_of_their_own(upsim: Running, http: aiohttp.ClientSession) -> None:
    async def live(number: int) -> str:
        _, made = await call(http, "POST", TENANTS, {"frozenAt": "2026-01-05T10:00:00Z"})
        clock = f"{TENANTS}/{made['tenant']['id']}/clock"
        await call(http, "POST", f"{clock}/advance", {"bySeconds": number})
        return str((await call(http, "GET", clock))[1]["now"])

    shown = await asyncio.gather(*(live(number) for number in range(60)))
    assert shown == [f"2026-01-05T10:00:{number:02}+00:00" for number in range(60)]


async def test_the_limits_are_shown_with_source_and_headroom(upsim: Running, http: aiohttp.ClientSession) -> None:
    _, shown = await call(http, "GET", f"{TENANTS}/contoso.example/limits")
    assert shown["profile"] == "service"
    assert all(limit["source"] for limit in shown["limits"])
    assert {item["name"] for item in shown["users"]["alex@contoso.example"]} >= {"jobs-per-user", "bytes-per-user"}
