"""The built-in receiver: a subscription to it is told by itself, and a test waits for what comes."""

import time
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.inbox import TENANT, a_shared_printer, app_token, subscribe
from upsim.actors.wire import Wire
from upsim.app import Running
from upsim.shipped import fixtures


async def test_a_subscription_to_the_inbox_is_told_by_itself(upsim: Running) -> None:
    tenant_id = upsim.tenants[0]["tenant"]["id"]
    async with Wire("test", upsim.https, Path(upsim.ca).read_text()) as wire:
        await wire.call("PUT", f"{TENANT}/settings", json={"registration": {"seconds": 0}})
        device, share_id, admin = await a_shared_printer(wire, tenant_id)
        token = await app_token(wire, tenant_id)
        made = await subscribe(wire, token, device.printer_id, f"{upsim.https}/_upsim/inbox/floor")
        job_id = await admin.print(share_id, fixtures() / "sample.pdf", {})
        got = (await wire.call("GET", "/_upsim/inbox/floor?wait=60")).json()
        (message,) = got["value"]
        (told,) = message["json"]["value"]
        assert (told["subscriptionId"], told["resourceData"]["id"]) == (made["id"], job_id)
        assert got["after"] == message["number"] == 1
        log: list[Any] = []
        end = time.monotonic() + 60
        while not log and time.monotonic() < end:  # it is written when the receiver has answered
            log = (await wire.call("GET", f"{TENANT}/deliveries?subscription={made['id']}")).json()["value"]
        assert [(line["purpose"], line["outcome"], line["status"]) for line in log] == [
            ("notification", "delivered", 202)
        ]


async def test_an_inbox_answers_as_it_is_told_to(upsim: Running, http: aiohttp.ClientSession) -> None:
    inbox = "/_upsim/inbox/badges"
    wanted = {"answers": [{"status": 503, "times": 2}, {"validation": "wrong", "times": 1}, {"status": 204}]}
    async with http.put(inbox, json=wanted) as response:
        assert response.status == 200

    async def call(query: str = "") -> tuple[int, str]:
        async with http.post(f"{inbox}{query}", json={"value": []}) as response:
            return response.status, await response.text()

    assert [(await call())[0], (await call("?validationToken=a%20b"))[0]] == [503, 503]
    assert await call("?validationToken=a%20b") == (200, "another token")
    assert await call("?validationToken=a%20b") == (200, "a b")
    assert (await call())[0] == 204
    async with http.get(inbox) as response:
        assert [item["number"] for item in (await response.json())["value"]] == [1, 2]
    async with http.get(f"{inbox}?after=1") as response:
        assert [item["number"] for item in (await response.json())["value"]] == [2]
    async with http.delete(inbox) as response:
        assert response.status == 204
    async with http.get(inbox) as response:
        assert (await response.json())["value"] == []


async def test_each_tenant_has_inboxes_of_its_own(upsim: Running, http: aiohttp.ClientSession) -> None:
    async with http.post("/_upsim/tenants", json={}) as response:
        other = (await response.json())["tenant"]["id"]
    async with http.post(f"/_upsim/tenants/{other}/inbox/a", data=b"not json") as response:
        assert response.status == 202
    async with http.get("/_upsim/inbox/a") as response:
        assert (await response.json())["value"] == []
    async with http.get(f"/_upsim/tenants/{other}/inbox/a") as response:
        (message,) = (await response.json())["value"]
        assert (message["body"], message["json"]) == ("not json", None)


async def test_wrong_words_to_an_inbox_are_refused(upsim: Running, http: aiohttp.ClientSession) -> None:
    inbox = "/_upsim/inbox/a"
    for wrong in ({"answers": [{"status": 99}]}, {"answers": [{"delaySeconds": -1}]}, {"answer": []}):
        async with http.put(inbox, json=wrong) as response:
            assert response.status == 400
    for query in ("?wait=soon", "?after=-1", "?count=nan"):
        async with http.get(inbox + query) as response:
            assert response.status == 400
    async with http.get("/_upsim/tenants/nobody.example/deliveries") as response:
        assert response.status == 404
