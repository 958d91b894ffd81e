"""Every seed that comes with upsim: a server starts with it, and has it again after a reset."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from upsim.actors.person import Person
from upsim.actors.wire import Wire
from upsim.app import Running, serve
from upsim.config import Settings
from upsim.shipped import seed_names


@asynccontextmanager
async def begun(seed: str, data: Path) -> AsyncIterator[tuple[Running, Wire, Person]]:
    """A server with the seed, and its administrator signed in."""
    async with (
        serve(Settings(port=0, http_port=0, data=str(data), seed=seed)) as upsim,
        Wire("admin", upsim.https, Path(upsim.ca).read_text()) as wire,
    ):
        directory = upsim.tenants[0]
        client = directory["applications"][0]["appId"]
        admin = Person(wire, directory["tenant"]["id"], client, "admin@contoso.example")
        await admin.sign_in_with_browser()
        yield upsim, wire, admin


async def graph(wire: Wire, person: Person, path: str) -> Any:
    answer = await wire.call("GET", f"/v1.0{path}", token=await person.token())
    return answer.json()


async def picture(wire: Wire, admin: Person) -> dict[str, list[Any]]:
    """What Graph shows of printers, shares and jobs."""
    shown: dict[str, list[Any]] = {}
    for kind in ("printers", "shares", "connectors"):
        page = await graph(wire, admin, f"/print/{kind}")
        shown[kind] = sorted(item["displayName"] for item in page["value"])
    return shown


@pytest.mark.parametrize("name", seed_names())
async def test_a_shipped_seed_is_there_again_after_a_reset(name: str, tmp_path: Path) -> None:
    async with begun(name, tmp_path) as (upsim, wire, admin):
        before = await picture(wire, admin)
        tenant = upsim.tenants[0]["tenant"]["id"]
        await wire.call("POST", f"/_upsim/tenants/{tenant}/reset")
        await admin.sign_in_with_browser()
        assert await picture(wire, admin) == before


async def test_a_half_migrated_connector_has_printers_that_are_not_shared(tmp_path: Path) -> None:
    async with begun("half-migrated-connector", tmp_path) as (_, wire, admin):
        connector, old = (await graph(wire, admin, "/print/connectors"))["value"]
        assert (connector["displayName"], old["displayName"]) == ("PRINT-01", "PRINT-OLD")
        printers = (await graph(wire, admin, "/print/printers"))["value"]
        assert {item["displayName"]: item["isShared"] for item in printers} == {
            "Accounting": True,
            "Archive": False,
            "Sales": True,
            **{f"Warehouse {number}": False for number in (1, 2, 3)},
        }
        accounting = next(item for item in printers if item["displayName"] == "Accounting")
        assert accounting["status"]["state"] == "stopped"
        jobs = (await graph(wire, admin, f"/print/printers/{accounting['id']}/jobs"))["value"]
        assert sorted(job["status"]["state"] for job in jobs) == ["paused", "pending"]


async def test_five_thousand_printers_are_paged_through(tmp_path: Path) -> None:
    async with begun("five-thousand-printers", tmp_path) as (_, wire, admin):
        seen: set[str] = set()
        path: str | None = "/print/printers?$top=999&$select=displayName"
        while path:
            page = await graph(wire, admin, path)
            seen |= {item["displayName"] for item in page["value"]}
            path = page.get("@odata.nextLink", "").partition("/v1.0")[2] or None
        assert (len(seen), min(seen), max(seen)) == (5000, "Printer 0001", "Printer 5000")
