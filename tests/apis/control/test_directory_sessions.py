"""Continuous access evaluation: tokens of clients that can be challenged end with their user's sessions."""

import base64
import re
from typing import Any

import aiohttp
import orjson
import pytest

from upsim.app import Running

TENANT = "contoso.example"
USER = f"/_upsim/tenants/{TENANT}/users/alex@contoso.example"
CP1 = {"access_token": {"xms_cc": {"values": ["cp1"]}}}


async def sign_in(http: aiohttp.ClientSession, claims: dict[str, Any]) -> str:
    form = {
        "grant_type": "password",
        "client_id": "0c0a7050-0000-4000-8000-00000000d001",
        "username": "alex@contoso.example",
        "password": "Alex-pass-1",
        "scope": "PrinterShare.Read.All",
        "claims": orjson.dumps(claims).decode(),
    }
    async with http.post(f"/{TENANT}/oauth2/v2.0/token", data=form) as response:
        return str((await response.json())["access_token"])


async def ask(http: aiohttp.ClientSession, token: str) -> tuple[int, dict[str, Any]]:
    """Graph's status, and the claims that it asks for."""
    headers = {"Authorization": f"Bearer {token}"}
    async with http.get("/v1.0/print/shares", headers=headers) as response:
        said = dict(re.findall(r'(\w+)="([^"]*)"', response.headers.get("WWW-Authenticate", "")))
        if "claims" not in said:
            return response.status, {}
        assert (said["error"], said["realm"]) == ("insufficient_claims", "")
        return response.status, orjson.loads(base64.b64decode(said["claims"]))


async def freeze(http: aiohttp.ClientSession) -> None:
    """Everything in one instant: the hardest case, since a token has whole seconds."""
    async with http.patch(f"/_upsim/tenants/{TENANT}/clock", json={"frozen": True}) as response:
        assert response.status == 200


@pytest.mark.parametrize("is_frozen", [False, True])
async def test_a_token_with_the_claims_asked_for_is_taken(
    upsim: Running, http: aiohttp.ClientSession, is_frozen: bool
) -> None:
    if is_frozen:
        await freeze(http)
    able, unable = await sign_in(http, CP1), await sign_in(http, {})
    assert (await ask(http, able))[0] == (await ask(http, unable))[0] == 200
    async with http.post(f"{USER}/revoke-sessions") as response:
        assert response.status == 204
    status, wanted = await ask(http, able)
    assert status == 401
    assert wanted["access_token"]["nbf"]["essential"] is True
    assert (await ask(http, unable))[0] == 200  # it could not answer a challenge
    fresh = await sign_in(http, {"access_token": {**CP1["access_token"], **wanted["access_token"]}})
    assert (await ask(http, fresh))[0] == 200
    assert (await ask(http, able))[0] == 401


@pytest.mark.parametrize("change", [{"password": "Another-pass-1"}, {"isEnabled": False}])
async def test_what_ends_sessions(upsim: Running, http: aiohttp.ClientSession, change: dict[str, Any]) -> None:
    token = await sign_in(http, CP1)
    async with http.patch(USER, json={"displayName": "Alex Another"}) as response:
        assert response.status == 200
    assert (await ask(http, token))[0] == 200
    async with http.patch(USER, json=change) as response:
        assert response.status == 200
    assert (await ask(http, token))[0] == 401
    async with http.patch(USER, json={"displayName": "Alex Sample"}) as response:
        assert response.status == 200
    assert (await ask(http, token))[0] == 401  # describing a user anew brings nothing back


async def test_no_token_begins_much_later_than_it_was_made(upsim: Running, http: aiohttp.ClientSession) -> None:
    for value in ("99999999999", "9" * 5000, "\u00b2", 7, None, {}):
        token = await sign_in(http, {"access_token": {"nbf": {"value": value}}})
        claims = orjson.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        assert 0 <= claims["nbf"] - claims["iat"] <= 1


async def test_a_user_that_is_not_there_is_told(upsim: Running, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{USER}x/revoke-sessions") as response:
        assert response.status == 404
