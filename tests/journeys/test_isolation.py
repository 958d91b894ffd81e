"""64 tests at once on one server, each in a tenant of its own: nothing of one is seen in another."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from upsim.actors.person import Person
from upsim.actors.wire import Wire
from upsim.app import Running

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
SERVICE = {"client_id": "0c0a7050-0000-4000-8000-00000000d002", "client_secret": "Contoso-secret-1"}
START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)
TENANTS = 64


class IsolatedTenant:
    """One tenant and the test that lives in it."""

    def __init__(self, running: Running, wire: Wire, number: int) -> None:
        self.running, self.wire, self.number = running, wire, number
        self.jobs_allowed = 1 + number % 3
        self.is_injected = number % 2 == 1
        self.frozen_at = START + timedelta(days=number)

    async def begin(self) -> None:
        body = {
            "seed": "the same",
            "frozenAt": self.frozen_at.isoformat(),
            "settings": {"limits": {"profile": "off", "own": {"jobs-per-user": self.jobs_allowed}}},
        }
        made = (await self.wire.call("POST", "/_upsim/tenants", json=body, expect=(201,))).json()
        self.id = made["tenant"]["id"]
        self.here = f"/_upsim/tenants/{self.id}"
        wish = {"displayName": f"Printer {self.number}", "share": f"Share {self.number}"}
        printer = (
            await self.wire.call("POST", f"{self.here}/simulated-printers", json=wish, expect=(201,))
        ).json()
        self.printer, self.share = printer["id"], printer["shareId"]
        if self.is_injected:
            rule = {"operation": "graph.share.job.get", "answer": {"status": 503}}
            await self.wire.call("POST", f"{self.here}/injections", json=rule, expect=(201,))
        self.alex = Person(self.wire, self.id, PUBLIC_CLIENT, "alex@contoso.example")
        await self.alex.sign_in_with_browser()
        await self._subscribe()

    async def _subscribe(self) -> None:
        form = {**SERVICE, "grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default"}
        answer = await self.wire.call("POST", f"/{self.id}/oauth2/v2.0/token", data=form)
        self.service_token = answer.json()["access_token"]
        wish = {
            "changeType": "updated",
            "resource": f"print/printers/{self.printer}/jobs",
            "notificationQueryOptions": "$filter = isFetchable eq true",
            "notificationUrl": f"{self.running.https}{self.here}/inbox/hook",
            "expirationDateTime": (self.frozen_at + timedelta(hours=20)).isoformat(),
            "clientState": self.id,
        }
        made = await self.wire.call(
            "POST", "/v1.0/subscriptions", token=self.service_token, json=wish, expect=(201,)
        )
        self.subscription = made.json()["id"]

    async def print(self, document: Path) -> None:
        """As many jobs as are allowed, and one that is not."""
        self.jobs = [await self.alex.print(self.share, document, {}) for _ in range(self.jobs_allowed)]
        await self.ask("POST", f"shares/{self.share}/jobs", expect=429, body={"configuration": {}})
        await self.ask("GET", f"shares/{self.share}/jobs/1", expect=503 if self.is_injected else 200)
        move = {"bySeconds": self.number}
        await self.wire.call("POST", f"{self.here}/clock/advance", json=move)

    async def ask(self, method: str, path: str, *, expect: int, body: Any = None) -> Any:
        answer = await self.wire.call(
            method, f"/v1.0/print/{path}", token=await self.alex.token(), json=body, expect=(expect,)
        )
        return answer.json()

    async def look_around(self, other: "IsolatedTenant") -> None:
        """Nothing of the other can be reached from here, and what is here is all one's own."""
        await self.ask("GET", f"shares/{other.share}", expect=404)
        await self.ask("GET", f"shares/{other.share}/jobs", expect=404)
        path = f"/v1.0/subscriptions/{other.subscription}"
        await self.wire.call("GET", path, token=self.service_token, expect=(404,))
        shares = await self.ask("GET", "shares", expect=200)
        assert [share["id"] for share in shares["value"]] == [self.share]
        jobs = await self.ask("GET", f"shares/{self.share}/jobs", expect=200)
        assert sorted(job["id"] for job in jobs["value"]) == self.jobs

        clock = (await self.wire.call("GET", f"{self.here}/clock")).json()
        assert clock["now"] == (self.frozen_at + timedelta(seconds=self.number)).isoformat()
        await self._check_hook()
        await self._check_journal()
        limits = (await self.wire.call("GET", f"{self.here}/limits")).json()
        assert [limit["value"] for limit in limits["users"]["alex@contoso.example"]] == [self.jobs_allowed]

    async def _check_hook(self) -> None:
        told: list[dict[str, Any]] = []
        after = 0
        while len(told) < self.jobs_allowed:
            got = (await self.wire.call("GET", f"{self.here}/inbox/hook?wait=60&after={after}")).json()
            assert got["value"], "a notification is missing"
            after = got["after"]
            told += [item for message in got["value"] for item in message["json"]["value"]]
        assert {item["clientState"] for item in told} == {self.id}
        assert {item["resourceData"]["id"] for item in told} == set(self.jobs)

    async def _check_journal(self) -> None:
        journal = (await self.wire.call("GET", f"{self.here}/journal?limit=1000")).json()["value"]
        created = [entry["status"] for entry in journal if entry["operation"] == "graph.share.job.create"]
        assert created == [201] * self.jobs_allowed + [429]
        injected = [entry for entry in journal if entry["injections"]]
        assert len(injected) == self.is_injected
        assert len({entry["requestId"] for entry in journal}) == len(journal)


async def test_64_tenants_at_once_do_not_see_each_other(upsim: Running, tmp_path: Path) -> None:
    document = tmp_path / "note.pdf"
    document.write_bytes(b"%PDF-1.4 a note")
    async with Wire("test", upsim.https, Path(upsim.ca).read_text()) as wire:
        tenants = [IsolatedTenant(upsim, wire, number) for number in range(TENANTS)]
        await asyncio.gather(*(each.begin() for each in tenants))
        await asyncio.gather(*(each.print(document) for each in tenants))
        others = [*tenants[1:], tenants[0]]
        await asyncio.gather(*(each.look_around(other) for each, other in zip(tenants, others, strict=True)))
    assert len({each.share for each in tenants}) == TENANTS  # though all have the same seed
