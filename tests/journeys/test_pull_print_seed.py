"""The shipped pull-print seed shows all three forms: its printer prints what is sent or released to it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.inbox import TENANT, app_token
from upsim.actors.person import Person
from upsim.actors.wire import Wire
from upsim.app import serve
from upsim.config import Settings
from upsim.shipped import fixtures

CLIENT = "0c0a7050-0000-4000-8000-00000000d001"
FOLLOW_ME = "0c0a7050-0000-4000-8000-00000000f101"
LOBBY = "0c0a7050-0000-4000-8000-00000000f103"
ANYWHERE = "0c0a7050-0000-4000-8000-00000000f102"
LOBBY_PRINTER = "0c0a7050-0000-4000-8000-00000000f003"


class Contoso:
    """The seed's tenant and Alex, who prints in it."""

    def __init__(self, wire: Wire, alex: Person, tenant_id: str) -> None:
        self.wire, self.alex, self.tenant_id = wire, alex, tenant_id

    async def print(self, share_id: str) -> str:
        return await self.alex.print(share_id, fixtures() / "sample.pdf", {})

    async def status(self, share_id: str, job_id: str) -> dict[str, Any]:
        path = f"/print/shares/{share_id}/jobs/{job_id}"
        return dict((await self.alex.graph("GET", path, expect=(200,), note=""))["status"])

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        return (await self.wire.call(method, f"{TENANT}/{path}", json=body)).json()

    async def release(self, job_id: str, printer: str | None = None) -> None:
        wanted = {"user": "alex@contoso.example", **({"printer": printer} if printer else {})}
        await self.control("POST", f"jobs/{job_id}/release", wanted)

    async def later(self) -> None:
        await self.control("POST", "clock/advance", {"bySeconds": 60})


@pytest.fixture
async def contoso() -> AsyncIterator[Contoso]:
    settings = Settings(port=0, http_port="off", seed=str(fixtures() / "pull-print.toml"))
    async with serve(settings) as upsim, Wire("test", upsim.https, Path(upsim.ca).read_text()) as wire:
        tenant_id = upsim.tenants[0]["tenant"]["id"]
        alex = Person(wire, tenant_id, CLIENT, "alex@contoso.example")
        await alex.sign_in_with_browser()
        await wire.call("PATCH", f"{TENANT}/clock", json={"frozen": True})
        yield Contoso(wire, alex, tenant_id)


async def test_an_application_sends_a_job_to_where_the_user_is(contoso: Contoso) -> None:
    job_id = await contoso.print(FOLLOW_ME)
    assert (await contoso.status(FOLLOW_ME, job_id))["state"] == "paused"
    token = await app_token(contoso.wire, contoso.tenant_id)
    path = f"/v1.0/print/printers/0c0a7050-0000-4000-8000-00000000f001/jobs/{job_id}/redirect"
    moved = await contoso.wire.call("POST", path, token=token, json={"destinationPrinterId": LOBBY_PRINTER})
    await contoso.later()
    there = f"/v1.0/print/printers/{LOBBY_PRINTER}/jobs/{moved.json()['id']}"
    assert (await contoso.wire.call("GET", there, token=token)).json()["status"]["state"] == "completed"


async def test_a_share_holds_until_the_owner_releases(contoso: Contoso) -> None:
    job_id = await contoso.print(LOBBY)
    await contoso.later()
    held = await contoso.status(LOBBY, job_id)
    assert (held["state"], held["details"]) == ("paused", ["releaseWait"])
    assert [
        job["id"] for job in (await contoso.control("GET", "users/alex@contoso.example/held-jobs"))["value"]
    ] == [job_id]
    await contoso.release(job_id)
    await contoso.later()
    assert (await contoso.status(LOBBY, job_id))["state"] == "completed"


async def test_jobs_sent_anywhere_are_released_at_the_lobby(contoso: Contoso) -> None:
    (queue,) = (await contoso.control("GET", "pull-printers"))["value"]
    assert [member["displayName"] for member in queue["members"]] == ["Contoso Lobby"]
    job_id = await contoso.print(ANYWHERE)
    await contoso.later()
    assert (await contoso.status(ANYWHERE, job_id))["details"] == ["releaseWait"]
    await contoso.release(job_id, "Contoso Lobby")
    await contoso.later()
    assert (await contoso.status(ANYWHERE, job_id))["state"] == "completed"


async def test_a_badge_at_the_lobby_releases_all_that_waits_for_its_owner(contoso: Contoso) -> None:
    jobs = [(share, await contoso.print(share)) for share in (LOBBY, ANYWHERE)]
    path = f"printers/{LOBBY_PRINTER}/tap"
    assert (await contoso.control("POST", path, {"badge": "1002"}))["value"] == []  # Sam's
    released = (await contoso.control("POST", path, {"badge": "1001"}))["value"]
    assert sorted(each["id"] for each in released) == sorted(job_id for _, job_id in jobs)
    await contoso.later()
    assert {(await contoso.status(*job))["state"] for job in jobs} == {"completed"}
    refusal = await contoso.wire.call("POST", f"{TENANT}/{path}", json={"badge": "9"}, expect=(404,))
    assert refusal.json()["error"]["message"] == "There is no badge with id '9'."
