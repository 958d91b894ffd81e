"""A server that is killed in the middle of the journey loses nothing that it answered."""

from pathlib import Path

import pytest

from tests.support.processes import Process
from upsim.actors.person import Person
from upsim.actors.printer import Identity, PrinterDevice
from upsim.actors.wire import Wire
from upsim.shipped import fixtures

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"


class Rig:
    """A server over one data folder that is killed and started again between any two calls."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.process = Process("--data", str(folder))

    def wire(self) -> Wire:
        return Wire("test", self.process.https, Path(self.process.ca).read_text())

    def crash(self) -> None:
        self.process.kill()
        self.process = Process("--data", str(self._folder))

    def person(self, wire: Wire, name: str) -> Person:
        return Person(wire, self.process.tenant_id, PUBLIC_CLIENT, f"{name}@contoso.example")


async def signed_in(rig: Rig, wire: Wire, name: str) -> Person:
    person = rig.person(wire, name)
    await person.sign_in_with_browser()
    return person


@pytest.mark.parametrize("crash_after", range(1, 8))
async def test_nothing_that_was_answered_is_lost(tmp_path: Path, crash_after: int) -> None:
    """Seven points of the journey: the server dies at one of them and the journey goes on."""
    rig = Rig(tmp_path / "data")
    document = fixtures() / "sample.pdf"
    steps = 0

    def step_done() -> None:
        nonlocal steps
        steps += 1
        if steps == crash_after:
            rig.crash()

    async with rig.wire() as wire:
        admin = await signed_in(rig, wire, "admin")
        device = await PrinterDevice.register(wire, admin, "Lab")
        identity = device.identity
    step_done()  # 1: registered
    device = await reconnected(rig, identity)
    async with device.wire:
        await device.describe_itself()
    step_done()  # 2: described
    async with rig.wire() as wire:
        share_id = await (await signed_in(rig, wire, "admin")).share(identity.printer_id, "Floor")
    step_done()  # 3: shared
    async with rig.wire() as wire:
        user = await signed_in(rig, wire, "alex")
        job = await user.graph(
            "POST", f"/print/shares/{share_id}/jobs", json={"configuration": {}}, expect=(201,), note=""
        )
        session = await user.open_upload(share_id, job, document)
        half = document.read_bytes()[:400]
        await wire.call(
            "PUT",
            session,
            data=half,
            headers={"Content-Range": f"bytes 0-399/{document.stat().st_size}"},
            expect=(202,),
        )
        path = session.removeprefix(wire.base_url)
    step_done()  # 4: half uploaded
    async with rig.wire() as wire:
        size = document.stat().st_size
        rest = document.read_bytes()[400:]
        await wire.call(
            "PUT", path, data=rest, headers={"Content-Range": f"bytes 400-{size - 1}/{size}"}, expect=(201,)
        )
        user = await signed_in(rig, wire, "alex")
        await user.graph("POST", f"/print/shares/{share_id}/jobs/{job['id']}/start", expect=(200,), note="")
    step_done()  # 5: started
    device = await reconnected(rig, identity)
    async with device.wire:
        assert await device.fetchable_jobs() == [int(job["id"])]
        await device.acknowledge(int(job["id"]))
    step_done()  # 6: acknowledged
    device = await reconnected(rig, identity)
    async with device.wire:
        await device.fetch_document(int(job["id"]), tmp_path / "fetched.pdf")
        await device.report(int(job["id"]), 9, "job-completed-successfully")
    step_done()  # 7: completed
    async with rig.wire() as wire:
        user = await signed_in(rig, wire, "alex")
        found = await user.graph("GET", f"/print/shares/{share_id}/jobs/{job['id']}", expect=(200,), note="")
    assert found["status"]["state"] == "completed"
    assert (tmp_path / "fetched.pdf").read_bytes() == document.read_bytes()
    rig.process.stop()


async def reconnected(rig: Rig, identity: Identity) -> PrinterDevice:
    """The same printer on a new connection, with a new token from its own certificate."""
    wire = rig.wire()
    here = Identity(**{**vars(identity), "device_token_url": f"/{rig.process.tenant_id}/oauth2/token"})
    device = PrinterDevice(wire, here)
    async with wire:
        await device.prove_itself()
    return device
