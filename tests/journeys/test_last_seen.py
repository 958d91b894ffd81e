"""A device that speaks is seen, in Graph's lastSeenDateTime, to the minute."""

import aiohttp

from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.wire import Wire
from upsim.app import Running

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"


async def test_whatever_a_device_asks_it_is_seen(upsim: Running, http: aiohttp.ClientSession) -> None:
    tenant = upsim.tenants[0]["tenant"]["id"]
    clock = f"/_upsim/tenants/{tenant}/clock"
    async with Wire("test", upsim.https, upsim.site.ca_certificate_pem) as wire:
        admin = Person(wire, tenant, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        device = await PrinterDevice.register(wire, admin, "Lab")
        await device.prove_itself()

        async def seen() -> str:
            printer = await admin.graph("GET", f"/print/printers/{device.printer_id}", expect=(200,), note="")
            return str(printer["lastSeenDateTime"])

        assert await seen() == "None"
        await device.fetchable_jobs()
        first = await seen()
        assert first != "None"
        await wire.call("PATCH", clock, json={"advanceSeconds": 120})
        await device.fetchable_jobs()
        assert await seen() > first
