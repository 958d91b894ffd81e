"""Simulated printers over the control API and from a seed: a user prints, and the job completes by itself."""

from pathlib import Path

import aiohttp

from tests.support.registration import PUBLIC_CLIENT
from upsim.actors.person import Person
from upsim.actors.wire import Wire
from upsim.app import Running, serve
from upsim.config import Settings
from upsim.shipped import fixtures

PRINTERS = "/_upsim/tenants/contoso.example/simulated-printers"


async def completes(running: Running, wire: Wire, share_id: str) -> None:
    """A user prints on the share and waits, without asking, for the job's end."""
    tenant_id = running.tenants[0]["tenant"]["id"]
    user = Person(wire, tenant_id, PUBLIC_CLIENT, "alex@contoso.example")
    await user.sign_in_with_browser()
    job_id = await user.print(share_id, fixtures() / "sample.pdf", {})
    path = f"/print/shares/{share_id}/jobs/{job_id}"
    with running.site.store.changes(tenant_id) as changes:
        while (await user.graph("GET", path, expect=(200,), note=""))["status"]["state"] != "completed":
            assert await changes.wait(60)


async def test_a_simulated_printer_is_made_and_prints(upsim: Running) -> None:
    async with Wire("test", upsim.https, Path(upsim.ca).read_text()) as wire:
        wish = {"displayName": "Copy room", "share": "Copies", "persona": {"firstPageSeconds": 0.1}}
        made = (await wire.call("POST", PRINTERS, json=wish, expect=(201,))).json()
        await completes(upsim, wire, made["shareId"])
        listed = (await wire.call("GET", PRINTERS)).json()["value"]
        assert [(item["displayName"], item["persona"]) for item in listed] == [
            ("Copy room", {"firstPageSeconds": 0.1})
        ]


async def test_a_seed_has_simulated_printers(tmp_path: Path) -> None:
    seed = tmp_path / "seed.toml"
    text = (fixtures() / "contoso.toml").read_text()
    seed.write_text(
        text.replace(
            "[[tenants.users]]",
            '[[tenants.simulated_printers]]\ndisplay_name = "Lab"\nshare = "Lab"\npersona = "ideal"\n'
            "\n[[tenants.users]]",
            1,
        )
    )
    async with (
        serve(Settings(port=0, http_port=0, seed=str(seed))) as running,
        Wire("test", running.https, Path(running.ca).read_text()) as wire,
    ):
        (made,) = (await wire.call("GET", PRINTERS)).json()["value"]
        await completes(running, wire, made["shareId"])


async def test_a_registered_printer_is_given_a_device_and_loses_it(
    upsim: Running, http: aiohttp.ClientSession
) -> None:
    async with http.post(PRINTERS, json={"displayName": "Lab"}) as response:
        made = await response.json()
    path = f"/_upsim/tenants/contoso.example/printers/{made['id']}/simulation"
    async with http.put(path, json={"persona": "slow"}) as response:
        assert (await response.json())["persona"]["secondsPerPage"] == 3
    async with http.delete(path) as response:
        assert response.status == 204
    async with http.delete(path) as response:
        assert response.status == 404
    async with http.get("/_upsim/personas") as response:
        assert "jams" in [item["name"] for item in (await response.json())["value"]]


async def test_wrong_wishes_are_refused(upsim: Running, http: aiohttp.ClientSession) -> None:
    for wrong in (
        {},
        {"displayName": " "},
        {"displayName": "Lab", "persona": "perfect"},
        {"displayName": "Lab", "persona": {"secondsPerPage": -1}},
        {"displayName": "Lab", "persona": {"speed": 1}},
    ):
        async with http.post(PRINTERS, json=wrong) as response:
            assert response.status == 400, wrong
    async with http.put("/_upsim/tenants/contoso.example/printers/none/simulation", json={}) as response:
        assert response.status == 404
