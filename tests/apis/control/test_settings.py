"""A tenant's settings as the control API shows and changes them."""

from typing import Any

import aiohttp
import pytest

from upsim.domain.tenant import TenantSettings

HERE = "/_upsim/tenants/contoso.example"


async def call(http: aiohttp.ClientSession, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    async with http.request(method, HERE + path, json=body) as response:
        return response.status, await response.json()


async def test_every_setting_is_shown_with_default_range_and_meaning(http: aiohttp.ClientSession) -> None:
    _, shown = await call(http, "GET", "/settings")
    members = {each["name"]: each for each in shown["members"]}
    assert members["journal.callsMax"] == {
        "name": "journal.callsMax",
        "value": 2000,
        "default": 2000,
        "type": "integer",
        "minimum": 0,
        "above": None,
        "maximum": None,
        "choices": None,
        "meaning": "How many calls it holds; 0: none.",
    }
    assert members["webhooks.http"]["choices"] == ["accept", "refuse"]
    assert all(each["meaning"] and each["value"] == each["default"] for each in shown["members"])
    assert set(shown["values"]) == set(TenantSettings.__struct_fields__)
    assert sum(map(len, shown["values"].values())) == len(members)


async def test_put_starts_from_the_defaults_and_patch_from_what_holds(http: aiohttp.ClientSession) -> None:
    await call(http, "PUT", "/settings", {"journal": {"callsMax": 5}, "tokens": {"userSeconds": 60}})
    _, patched = await call(http, "PATCH", "/settings", {"journal": {"bytesMax": 7}})
    assert (patched["values"]["journal"]["callsMax"], patched["values"]["journal"]["bytesMax"]) == (5, 7)
    assert patched["values"]["tokens"]["userSeconds"] == 60
    _, put = await call(http, "PUT", "/settings", {"journal": {"bytesMax": 7}})
    assert (put["values"]["journal"]["callsMax"], put["values"]["journal"]["bytesMax"]) == (2000, 7)


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"journal": {"calls_max": 5}}, "did you mean 'callsMax'?"),
        ({"jornal": {}}, "did you mean 'journal'?"),
        ({"journal": {"callsMax": -1}}, "journal.callsMax"),
        ({"tokens": {"issuer": "mine"}}, "tokens.issuer"),
    ],
)
async def test_what_is_no_setting_is_refused_with_the_nearest(
    http: aiohttp.ClientSession, method: str, body: dict[str, Any], said: str
) -> None:
    status, answer = await call(http, method, "/settings", body)
    assert (status, said in answer["error"]["message"]) == (400, True), answer


async def test_a_tenant_is_shown_with_its_clock_and_settings(http: aiohttp.ClientSession) -> None:
    status, shown = await call(http, "GET", "")
    assert (status, shown["tenant"]["domains"]) == (200, ["contoso.example"])
    assert shown["clock"]["mode"]
    assert shown["settings"]["values"]["queries"]["pageSize"] == 100


async def test_an_unknown_query_parameter_is_refused_with_the_nearest(http: aiohttp.ClientSession) -> None:
    status, answer = await call(http, "GET", "/journal?opperation=x")
    assert (status, answer["error"]["message"]) == (
        400,
        "'opperation' is no query parameter here; did you mean 'operation'?",
    )
    status, answer = await call(http, "GET", "/settings?verbose=1")
    assert (status, answer["error"]["message"]) == (
        400,
        "'verbose' is no query parameter here; there are none.",
    )
