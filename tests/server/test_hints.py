"""Clients that are not set up for upsim are told the one setting that mends them."""

import logging
from typing import Any

import aiohttp
import pytest

from upsim.app import Running

PRINTERS = "/v1.0/print/printers"


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"User-Agent": "python-httpx/0.28.1 kiota-python/1.16.0"}, 'allowed_hosts=["localhost"]'),
        ({"User-Agent": "kiota-dotnet/1.9", "SdkVersion": "graph-dotnet/5.56"}, 'new[] { "localhost" }'),
        ({"SdkVersion": "graph-java/6.1"}, 'new String[] { "localhost" }'),
        ({"SdkVersion": "graph-go/1.40"}, '[]string{"localhost"}'),
        ({"User-Agent": "node"}, 'customHosts: new Set(["localhost"])'),
        ({"SdkVersion": "graph-js/3.0.7 (featureUsage=7)"}, 'customHosts: new Set(["localhost"])'),
        ({"User-Agent": "Mozilla/5.0 (Linux; PowerShell/7.4)"}, "upsim exec -- pwsh"),
    ],
)
async def test_a_known_library_without_a_token_is_told_its_setting(
    http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, headers: dict[str, str], said: str
) -> None:
    with caplog.at_level(logging.INFO, "upsim"):
        async with http.get(PRINTERS, headers=headers) as response:
            error = (await response.json())["error"]
    assert (response.status, error["code"]) == (401, "InvalidAuthenticationToken")
    assert error["message"].startswith("Access token is empty. ")
    assert said in error["message"]
    assert said in caplog.text
    assert said in next(record.hint for record in caplog.records if record.name == "upsim.access")  # type: ignore[attr-defined]


@pytest.mark.parametrize("headers", [{"User-Agent": "my-app/1.0"}, {"User-Agent": ""}])
async def test_an_unknown_client_is_told_what_graph_tells_it(
    http: aiohttp.ClientSession, headers: dict[str, str]
) -> None:
    async with http.get(PRINTERS, headers=headers) as response:
        assert (await response.json())["error"]["message"] == "Access token is empty."


@pytest.mark.parametrize("authorization", ["Basic abc", "Bearer"])
async def test_a_token_that_was_sent_is_not_said_to_be_missing(
    http: aiohttp.ClientSession, authorization: str
) -> None:
    headers = {"User-Agent": "kiota-python/1.16.0", "Authorization": authorization}
    async with http.get(PRINTERS, headers=headers) as response:
        assert "allowed_hosts" not in await response.text()


async def test_plain_http_is_named_as_the_cause(upsim: Running) -> None:
    async with (
        aiohttp.ClientSession(upsim.http) as plain,
        plain.get(PRINTERS, headers={"User-Agent": "node"}) as response,
    ):
        message = (await response.json())["error"]["message"]
    assert f"give it the base URL {upsim.https}" in message


async def test_an_http_authority_is_answered_and_logged(upsim: Running, caplog: pytest.LogCaptureFixture) -> None:
    async with aiohttp.ClientSession(upsim.http) as plain:
        async with plain.get("/contoso.example/v2.0/.well-known/openid-configuration") as response:
            assert response.status == 200
        async with plain.get("/contoso.example/v2.0/.well-known/openid-configuration"):
            pass
    told = [record.getMessage() for record in caplog.records if record.name == "upsim.hints"]
    assert told == [f"Microsoft's login libraries take no http authority: use {upsim.https}."]


async def test_an_unknown_tenant_is_answered_with_those_that_there_are(http: aiohttp.ClientSession) -> None:
    async with http.get("/nowhere.example/v2.0/.well-known/openid-configuration") as response:
        assert "contoso.example (0c0a7050-" in (await response.json())["error_description"]


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"x-client-sku": "MSAL.Python"}, "instance_discovery=False"),
        ({"x-client-sku": "MSAL.NetCore", "User-Agent": "msal.netcore"}, "WithInstanceDiscovery(false)"),
        ({"x-client-sku": "msal.js.node"}, 'knownAuthorities: ["localhost:'),
        ({}, "disable_instance_discovery=True (Azure Identity)"),
    ],
)
async def test_a_foreign_authority_is_answered_with_the_flag(
    http: aiohttp.ClientSession, headers: dict[str, str], said: str
) -> None:
    asked = {"authorization_endpoint": "https://login.elsewhere.example/x", "api-version": "1.1"}
    async with http.get("/common/discovery/instance", params=asked, headers=headers) as response:
        body: dict[str, Any] = await response.json()
    assert (response.status, body["error"]) == (400, "invalid_instance")
    assert said in body["error_description"]


@pytest.mark.parametrize(
    "path", ["/.well-known/openid-configuration", "/contoso.example/v3.0/.well-known/openid-configuration"]
)
async def test_a_configuration_beside_its_place_is_led_to_it(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as response:
        assert response.status == 404
        assert "/TENANT/v2.0/.well-known/openid-configuration" in await response.text()
