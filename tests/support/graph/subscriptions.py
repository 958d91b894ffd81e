"""Subscriptions to jobs through Graph, and their deliveries."""

from datetime import UTC, timedelta
from typing import Any

from tests.support.graph.jobs import an_uploaded_job
from tests.support.graph.receiver import Receiver
from tests.support.graph.world import TENANT, Person, World
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare

SUBSCRIPTIONS = "/v1.0/subscriptions"
FETCHABLE = "$filter = isFetchable eq true"


async def later(world: World, **duration: float) -> str:
    moment = await world.site.store.now(TENANT) + timedelta(**duration)
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


async def for_jobs(world: World, printer: Printer, receiver: Receiver, **changes: Any) -> dict[str, Any]:
    wish = {
        "changeType": "updated",
        "resource": f"print/printers/{printer.id}/jobs",
        "notificationQueryOptions": FETCHABLE,
        "notificationUrl": receiver.url,
        "expirationDateTime": await later(world, hours=20),
        "clientState": "s3cret",
    }
    return {name: value for name, value in {**wish, **changes}.items() if value is not None}


async def settle(world: World) -> list[str]:
    return [item.what for item in await world.site.worker.settle(TENANT)]


async def a_started_job(person: Person, share: PrinterShare) -> str:
    job = await an_uploaded_job(person, share)
    assert (await person.post(f"/v1.0/print/shares/{share.id}/jobs/{job['id']}/start")).status == 200
    return str(job["id"])
