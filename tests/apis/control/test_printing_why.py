"""Why a job is where it is, over the control API: with the calls of the journal that led there."""

from pathlib import Path

import pytest

from tests.support.processes import Process
from tests.support.registration import PUBLIC_CLIENT
from upsim.actors.person import Person
from upsim.actors.wire import Wire
from upsim.client import AsyncClient, ControlError, printing, states, tenants
from upsim.shipped import fixtures


async def test_a_started_job_says_which_calls_led_there_and_which_moves_it(upsim_process: Process) -> None:
    async with (
        Wire("test", upsim_process.https, Path(upsim_process.ca).read_text()) as wire,
        AsyncClient(upsim_process.https) as control,
    ):
        tenant = (await control.send(tenants.create()))["tenant"]["id"]
        wish = {"displayName": "Copy room", "share": "Copies", "persona": "ideal"}
        path = f"/_upsim/tenants/{tenant}/simulated-printers"
        made = (await wire.call("POST", path, json=wish, expect=(201,))).json()
        await control.send(states.pace_printer(tenant, made["id"], "manual"))
        user = Person(wire, tenant, PUBLIC_CLIENT, "alex@contoso.example")
        await user.sign_in_with_browser()
        job = await user.print(made["shareId"], fixtures() / "sample.pdf", {})

        found = await control.send(printing.why(tenant, job))
        assert (found["job"], found["state"], found["reasons"]) == (job, "pending", ["job-queued"])
        assert (found["turn"], found["moves"][0]) == ("test", f"upsim job step {job} --tenant {tenant}")
        started = [call for call in found["calls"] if "job.started" in call["events"]]
        assert [call["status"] for call in started] == [200]
        assert started[0]["call"].endswith(f"/jobs/{job}/start")
        assert found["waitsFor"] in found["paragraph"]
        assert f"(call {started[0]['number']})" in found["paragraph"]
        with pytest.raises(ControlError, match="4711"):
            await control.send(printing.why(tenant, "4711"))
