"""Who may call the control API: this machine, or whoever has the key."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from upsim.apis.control.table import API as CONTROL
from upsim.app import Running, apis
from upsim.server.http import HttpServer
from upsim.server.pipeline import Pipeline

KEY = "a-key-for-the-rig"


@pytest.fixture
async def stranger(upsim: Running, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller that is not known to be on this machine: its connection has no loopback address."""
    runner = web.ServerRunner(HttpServer(Pipeline(upsim.site, apis, first=CONTROL), access_log=None))
    await runner.setup()
    path = str(tmp_path / "upsim.sock")
    await web.UnixSite(runner, path).start()
    async with aiohttp.ClientSession("http://localhost", connector=aiohttp.UnixConnector(path)) as session:
        yield session
    await runner.cleanup()


async def call(session: aiohttp.ClientSession, path: str, **headers: str) -> tuple[int, str]:
    async with session.get(path, headers=headers) as response:
        return response.status, await response.text()


async def test_without_a_key_others_are_told_how_to_open_it(stranger: aiohttp.ClientSession) -> None:
    status, text = await call(stranger, "/_upsim/tenants")
    assert status == 403
    assert "--control-key" in text
    assert (await call(stranger, "/_upsim/livez"))[0] == 200


async def test_with_a_key_others_may_call_and_nobody_without_it(
    upsim: Running, http: aiohttp.ClientSession, stranger: aiohttp.ClientSession
) -> None:
    upsim.site.control_key = KEY
    for session in (stranger, http):
        assert (await call(session, "/_upsim/tenants", Authorization=f"Bearer {KEY}"))[0] == 200
        for headers, expected, said in (
            ({}, 401, "UPSIM_CONTROL_KEY"),
            ({"Authorization": f"Basic {KEY}"}, 401, "Bearer KEY"),
            ({"Authorization": f"Bearer {KEY}x"}, 403, "not the control key"),
            ({"Authorization": "Bearer k\u00e9y"}, 403, "not the control key"),
        ):
            status, text = await call(session, "/_upsim/tenants", **headers)
            assert (status, said in text) == (expected, True), (headers, text)
        assert (await call(session, "/_upsim/readyz"))[0] == 200


async def test_a_server_within_a_program_is_not_stopped_from_outside(http: aiohttp.ClientSession) -> None:
    async with http.post("/_upsim/stop") as response:
        assert response.status == 409
        assert "part of another program" in await response.text()
