"""Moving a tenant's clock, and what falls due on the way."""

from typing import Any

import aiohttp

from tests.support.registration import REGISTER, body, post, token
from upsim.app import Running

CLOCK = "/_upsim/tenants/contoso.example/clock"


async def advance(http: aiohttp.ClientSession, value: dict[str, Any]) -> dict[str, Any]:
    async with http.post(f"{CLOCK}/advance", json=value) as response:
        return {"status": response.status, **(await response.json())}


async def a_registration(upsim: Running, http: aiohttp.ClientSession) -> str:
    """A running registration on a frozen clock."""
    async with http.patch(CLOCK, json={"frozen": True}):
        pass
    status, started = await post(http, body(), await token(upsim))
    assert status == 202
    return str(started["registration_id"])


async def test_the_clock_goes_to_what_is_due_next_and_says_what_happened(
    upsim: Running, http: aiohttp.ClientSession
) -> None:
    identifier = await a_registration(upsim, http)
    moved = await advance(http, {})
    assert [(item["kind"], item["id"], item["what"]) for item in moved["happened"]] == [
        ("print-operation", identifier, "completed")
    ]
    assert moved["happened"][0]["events"][0]["name"] == "printer.registered"
    assert moved["now"] == moved["happened"][0]["at"]


async def test_the_clock_stops_where_an_event_is_told(upsim: Running, http: aiohttp.ClientSession) -> None:
    await a_registration(upsim, http)
    moved = await advance(http, {"bySeconds": 3600, "until": {"event": "printer.*"}})
    assert moved["met"]
    moved = await advance(http, {"bySeconds": 3600, "until": {"event": "job.completed"}})
    assert not moved["met"]


async def test_what_is_due_happens_although_nobody_polls(upsim: Running, http: aiohttp.ClientSession) -> None:
    identifier = await a_registration(upsim, http)
    await advance(http, {"bySeconds": 60})
    headers = {"Authorization": f"Bearer {await token(upsim)}"}
    async with http.get(REGISTER, params={"registration_id": identifier}, headers=headers) as response:
        assert response.status == 200


async def test_the_clock_does_not_go_back(upsim: Running, http: aiohttp.ClientSession) -> None:
    for wrong in (
        {"bySeconds": -1},
        {"to": "2020-01-01T00:00:00Z"},
        {"by": 1},
        {"bySeconds": 1, "to": "2099-01-01T00:00:00Z"},
    ):
        assert (await advance(http, wrong))["status"] == 400


async def test_a_scaled_clock_runs_faster(upsim: Running, http: aiohttp.ClientSession) -> None:
    async with http.patch(CLOCK, json={"rate": 100_000}) as response:
        assert (await response.json())["mode"] == "scaled"
    async with http.get(CLOCK) as response:
        first = (await response.json())["now"]
    async with http.get(CLOCK) as response:
        assert (await response.json())["now"] > first
