"""The control API."""

import aiohttp

from upsim.app import Running


async def get(http: aiohttp.ClientSession, path: str) -> tuple[int, object]:
    async with http.get(path) as response:
        return response.status, await response.json()


async def test_a_running_server_is_alive_and_ready(upsim: Running, http: aiohttp.ClientSession) -> None:
    assert (await get(http, "/_upsim/livez"))[0] == 200
    assert (await get(http, "/_upsim/readyz"))[0] == 200
    upsim.site.is_ready = False
    assert (await get(http, "/_upsim/readyz"))[0] == 503


async def test_the_table_of_operations_is_served(upsim: Running, http: aiohttp.ClientSession) -> None:
    status, answer = await get(http, "/_upsim/operations")
    assert status == 200
    rows = {row["id"]: row for row in answer["value"]}  # type: ignore[index]
    assert set(rows) == {operation.id for operation in upsim.site.list_operations()}
    start = rows["registration.register.start"]
    assert start["access"] == {"delegated": ["Printers.Create"], "application": [], "administrator": True}
    assert start["evidence"]["level"] == "documented"


async def test_tenants_are_shown_with_who_can_sign_in(upsim: Running, http: aiohttp.ClientSession) -> None:
    _, answer = await get(http, "/_upsim/tenants")
    assert answer == {"value": upsim.tenants}


async def test_the_clock_stops_moves_and_goes_on(upsim: Running, http: aiohttp.ClientSession) -> None:
    clock = "/_upsim/tenants/contoso.example/clock"
    async with http.patch(clock, json={"frozen": True}) as response:
        stopped = await response.json()
    assert stopped["frozen"]
    assert (await get(http, clock))[1] == {**stopped, "nextDue": None}
    async with http.patch(clock, json={"advanceSeconds": 86400}) as response:
        moved = await response.json()
    assert moved["now"][:10] > stopped["now"][:10]
    async with http.patch(clock, json={"frozen": False}) as response:
        assert not (await response.json())["frozen"]


async def test_a_clock_does_not_go_back(upsim: Running, http: aiohttp.ClientSession) -> None:
    clock = f"/_upsim/tenants/{upsim.tenants[0]['tenant']['id']}/clock"
    for change in ({"advanceSeconds": -1}, {"advance": 1}, {"frozen": "yes"}):
        async with http.patch(clock, json=change) as response:
            assert response.status == 400
            assert "clock" in (await response.json())["error"]["message"]
    async with http.get("/_upsim/tenants/nobody.example/clock") as response:
        assert response.status == 404


async def test_the_root_says_where_everything_is(upsim: Running, http: aiohttp.ClientSession) -> None:
    async with http.get("/") as response:
        text = await response.text()
    assert f"{upsim.https}/v1.0" in text


async def test_the_ca_can_be_fetched(upsim: Running, http: aiohttp.ClientSession) -> None:
    async with http.get("/_upsim/ca.pem") as response:
        assert (await response.text()) == upsim.site.ca_certificate_pem


async def test_an_unknown_path_is_not_found_as_json(upsim: Running, http: aiohttp.ClientSession) -> None:
    async with http.get("/_upsim/nothing") as response:
        assert response.status == 404
        assert (await response.json())["error"]["code"] == "not_found"
