"""The control API through the typed clients: a topic describes a call once, both clients send it."""

import pytest

from upsim.client import AsyncClient, Client, ControlError, clock, tenants


def test_a_blocking_client_makes_a_tenant_moves_its_time_and_ends_it(upsim_process):
    with Client(upsim_process.https) as client:
        tenant = client.send(tenants.create(seed="one"))["tenant"]["id"]
        assert client.send(clock.freeze(tenant))["frozen"] is True
        before = client.send(clock.get(tenant))["now"]
        after = client.send(clock.advance(tenant, by_seconds=3600))["now"]
        assert (before != after, client.send(clock.get(tenant))["now"]) == (True, after)
        assert client.send(tenants.reset(tenant))["tenant"]["id"] == tenant
        assert client.send(tenants.delete(tenant)) is None
        with pytest.raises(ControlError) as refusal:
            client.send(clock.get(tenant))
    assert refusal.value.status == 404
    assert tenant in str(refusal.value)


async def test_an_asynchronous_client_sends_the_same_calls(upsim_process):
    async with AsyncClient(upsim_process.https) as client:
        tenant = (await client.send(tenants.create()))["tenant"]["id"]
        assert (await client.send(clock.freeze(tenant)))["mode"] == "frozen"
        await client.send(tenants.delete(tenant))
