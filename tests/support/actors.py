"""A shared printer, a user, and time that passes only when the printer waits."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.support.registration import PUBLIC_CLIENT
from upsim.actors.person import Person
from upsim.actors.printer import PrinterDevice
from upsim.actors.simulated_printer import SimulatedPrinter
from upsim.actors.wire import Wire
from upsim.app import Running
from upsim.domain.persona import Persona
from upsim.shipped import fixtures

SAMPLE = fixtures() / "sample.pdf"
"""It has two pages."""


class Seen(Struct, frozen=True):
    """What people saw while the printer waited: the newest job, and the printer with the first of its reasons."""

    seconds: float
    job: str
    printer: str
    reason: str


class Office:
    """What the printer said and waited for; it waits for no real time."""

    def __init__(self, wire: Wire, device: PrinterDevice, share_id: str, admin: Person, user: Person) -> None:
        self.wire, self.device, self.share_id, self.admin, self.user = wire, device, share_id, admin, user
        self.said: list[str] = []
        self.seen: list[Seen] = []
        self.now = 0.0
        self._newest = ""

    @property
    def waited(self) -> list[float]:
        return [seen.seconds for seen in self.seen]

    def printer(self, persona: Persona, clock: Callable[[], float] | None = None) -> SimulatedPrinter:
        own = clock or (lambda: self.now)
        return SimulatedPrinter(self.device, persona, report=self.said.append, pause=self._pause, clock=own)

    async def print(self, **configuration: Any) -> str:
        self._newest = await self.user.print(self.share_id, SAMPLE, configuration)
        return self._newest

    async def state(self, job_id: str) -> str:
        path = f"/print/shares/{self.share_id}/jobs/{job_id}"
        return str((await self.user.graph("GET", path, expect=(200,), note=""))["status"]["state"])

    async def _pause(self, seconds: float) -> None:
        path = f"/print/printers/{self.device.printer_id}"
        status = (await self.admin.graph("GET", path, expect=(200,), note=""))["status"]
        job = await self.state(self._newest) if self._newest else ""
        reason = (status["details"] or [""])[0]
        self.seen.append(Seen(seconds=seconds, job=job, printer=status["state"], reason=reason))
        self.now += seconds


@asynccontextmanager
async def opened(upsim: Running) -> AsyncIterator[Office]:
    """An office that is open for as long as the context lasts."""
    tenant_id = upsim.tenants[0]["tenant"]["id"]
    ca = Path(upsim.ca).read_text()
    async with Wire("printer", upsim.https, ca) as wire, Wire("people", upsim.https, ca) as people:
        await wire.call("PUT", f"/_upsim/tenants/{tenant_id}/settings", json={"registration": {"seconds": 0}})
        admin = Person(people, tenant_id, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        device = await PrinterDevice.register(wire, admin, "Lab")
        user = Person(people, tenant_id, PUBLIC_CLIENT, "alex@contoso.example")
        await user.sign_in_with_browser()
        yield Office(wire, device, await admin.share(device.printer_id, "Floor"), admin, user)
