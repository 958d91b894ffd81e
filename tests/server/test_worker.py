"""The worker does what falls due by itself, on clocks that run by themselves."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp

from tests.support.registration import body, post, token
from upsim.app import Running
from upsim.client.ask import camel_throughout
from upsim.domain.clock import Clock
from upsim.domain.query import Query
from upsim.domain.registration import PrinterCreateOperation
from upsim.services.ports import EVERYWHERE, Transaction

TENANT = "/_upsim/tenants/contoso.example"
CLOCK = f"{TENANT}/clock"
START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


def unfinished(tx: Transaction) -> list[PrinterCreateOperation]:
    return tx.find(Query(entity=PrinterCreateOperation, due_by=datetime.max.replace(tzinfo=UTC)))


async def until_done(upsim: Running) -> None:
    """Wait until no registration is running, without asking upsim for anything."""
    tenant_id = upsim.tenants[0]["tenant"]["id"]
    with upsim.site.store.changes(tenant_id) as changes:
        async with asyncio.timeout(60):
            while await upsim.site.store.read(tenant_id, unfinished):
                await changes.wait(60)


async def settings(http: aiohttp.ClientSession, **chosen: Any) -> None:
    async with http.put(f"{TENANT}/settings", json=camel_throughout(chosen)) as response:
        assert response.status == 200, await response.text()


async def test_a_registration_completes_although_nobody_looks(upsim: Running, http: aiohttp.ClientSession) -> None:
    await settings(http, registration={"seconds": 0.2})
    status, _ = await post(http, body(), await token(upsim))
    assert status == 202
    await until_done(upsim)


async def test_a_scaled_clock_brings_it_nearer(upsim: Running, http: aiohttp.ClientSession) -> None:
    await settings(http, registration={"seconds": 86_400})
    await post(http, body(), await token(upsim))
    async with http.patch(CLOCK, json={"rate": 1_000_000}) as response:
        assert response.status == 200
    await until_done(upsim)


async def test_a_frozen_clock_holds_it_until_it_is_moved(upsim: Running, http: aiohttp.ClientSession) -> None:
    async with http.patch(CLOCK, json={"frozen": True}):
        pass
    await post(http, body(), await token(upsim))
    tenant_id = upsim.tenants[0]["tenant"]["id"]
    assert await upsim.site.worker.settle(tenant_id) == []
    async with http.post(f"{CLOCK}/advance", json={"bySeconds": 60}) as response:
        assert [item["what"] for item in (await response.json())["happened"]] == ["completed"]
    assert await upsim.site.store.read(tenant_id, unfinished) == []


async def test_who_waits_everywhere_hears_of_each_tenant(upsim: Running, http: aiohttp.ClientSession) -> None:
    with upsim.site.store.changes(EVERYWHERE) as changes:
        async with http.post("/_upsim/tenants", json={}) as response:
            made = (await response.json())["tenant"]["id"]
        assert await changes.wait(60)
        assert made in changes.take()
        assert not changes.take()


def test_real_seconds_until_an_instant_of_each_clock() -> None:
    later = START + timedelta(hours=1)
    assert Clock().seconds_until(later, START) == 3600
    assert Clock(offset_seconds=1800).seconds_until(later, START) == 1800
    assert Clock(frozen_at=START).seconds_until(later, START) is None
    assert Clock(frozen_at=later).seconds_until(later, START) == 0
    assert Clock().running(START, 60).seconds_until(later, START) == 60
