"""States over the control API: a user of Graph sees what the test decides."""

from pathlib import Path

import pytest

from tests.support.processes import Process
from tests.support.registration import PUBLIC_CLIENT
from upsim.actors.person import Person
from upsim.actors.wire import Wire
from upsim.client import AsyncClient, ControlError, printing, states, tenants
from upsim.shipped import fixtures


async def a_share(wire: Wire, tenant: str) -> tuple[str, str]:
    """A printer whose jobs complete by themselves, and its share."""
    wish = {"displayName": "Copy room", "share": "Copies", "persona": "ideal"}
    made = await wire.call("POST", f"/_upsim/tenants/{tenant}/simulated-printers", json=wish, expect=(201,))
    return made.json()["id"], made.json()["shareId"]


async def test_a_user_sees_states_that_come_with_reads_and_by_force(upsim_process: Process) -> None:
    async with (
        Wire("test", upsim_process.https, Path(upsim_process.ca).read_text()) as wire,
        AsyncClient(upsim_process.https) as control,
    ):
        tenant = (await control.send(tenants.create()))["tenant"]["id"]
        printer, share = await a_share(wire, tenant)
        await control.send(states.pace_printer(tenant, printer, "reads", reads=2))
        user = Person(wire, tenant, PUBLIC_CLIENT, "alex@contoso.example")
        await user.sign_in_with_browser()
        job = await user.print(share, fixtures() / "sample.pdf", {})

        async def state() -> str:
            seen = await user.graph("GET", f"/print/shares/{share}/jobs/{job}", expect=(200,), note="")
            return str(seen["status"]["state"])

        # Two reads a move: offered, taken (a device has it, it does not print yet), printing, completed.
        seen = [await state() for _ in range(8)]
        assert seen[-3:] == ["processing", "processing", "completed"]
        assert "completed" not in seen[:-1]

        held = await user.print(share, fixtures() / "sample.pdf", {})
        await control.send(states.hold(tenant, held))
        assert (await control.send(states.step(tenant, held)))["reasons"] == ["job-fetchable"]
        assert (await control.send(states.force(tenant, held, "processing-stopped")))[
            "state"
        ] == "processing-stopped"
        with pytest.raises(ControlError, match="allowIllegal") as refusal:
            await control.send(states.force(tenant, job, "processing"))
        assert refusal.value.status == 409
        again = await control.send(states.force(tenant, job, "processing", allow_illegal=True, message="Again"))
        assert (again["state"], again["message"]) == ("processing", "Again")
        listed = await control.send(printing.jobs(tenant, printer_id=printer, state="processing"))
        assert [each["id"] for each in listed] == [job]


async def test_a_user_sees_the_printer_that_the_test_holds(upsim_process: Process) -> None:
    async with (
        Wire("test", upsim_process.https, Path(upsim_process.ca).read_text()) as wire,
        AsyncClient(upsim_process.https) as control,
    ):
        tenant = (await control.send(tenants.create()))["tenant"]["id"]
        printer, share = await a_share(wire, tenant)
        held = await control.send(
            states.force_printer(tenant, printer, "stopped", reasons=["media-empty-error"], hold=True)
        )
        assert (held["state"], held["held"]) == ("stopped", True)
        admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        seen = await admin.graph("GET", f"/print/printers/{printer}", expect=(200,), note="")
        assert seen["status"]["state"] == "stopped"
        assert seen["status"]["details"] == ["mediaEmpty"]
        await control.send(states.step_printer(tenant, printer))
        free = await control.send(states.free_printer(tenant, printer))
        assert (free["state"], free["held"], free["reasons"]) == ("idle", False, [])
        assert (await control.send(printing.share(tenant, share)))["printer"] == printer
        for ask in (
            states.hold(tenant, "999"),
            states.step_printer(tenant, "none"),
            states.force_printer(tenant, printer, "asleep"),
        ):
            with pytest.raises(ControlError):
                await control.send(ask)
