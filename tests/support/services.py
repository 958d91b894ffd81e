"""A tenant to run services in: a store in memory, a clock that only moves when told, and builders."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from tests.support.engines import open_store
from upsim.domain.caller import Caller
from upsim.domain.document import Part
from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.tenant import Clock, Tenant, TenantSettings
from upsim.domain.user import Role
from upsim.server.certificates import X509Certificates
from upsim.server.webhooks.calls import Webhooks
from upsim.server.webhooks.courier import Courier
from upsim.server.worker import Worker
from upsim.services import documents, printers, shares, tenants
from upsim.services.jobs import owner
from upsim.services.ports import SYSTEM, Store

T = TypeVar("T")

TENANT_ID = "00000000-0000-4000-8000-00000000a001"
START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)

ADA = Caller(
    kind="user",
    tenant_id=TENANT_ID,
    user_id="ada",
    user_principal_name="ada@contoso.example",
    display_name="Ada",
    scopes=frozenset({"PrintJob.ReadWrite"}),
)
BOB = replace(ADA, user_id="bob", user_principal_name="bob@contoso.example", display_name="Bob")
ADMIN = replace(
    ADA,
    user_id="admin",
    user_principal_name="admin@contoso.example",
    roles=frozenset({Role.PRINTER_ADMINISTRATOR}),
    scopes=frozenset({"PrintJob.ReadWrite.All"}),
)


def device(printer_id: str) -> Caller:
    """The token of a printer's device."""
    return Caller(kind="device", tenant_id=TENANT_ID, printer_id=printer_id)


class World:
    """One tenant whose clock is frozen at `START` until it is advanced."""

    store: Store
    tenant_id = TENANT_ID

    async def prepare(self, **settings: Any) -> "World":
        tenant = Tenant(
            id=TENANT_ID,
            display_name="Contoso",
            domains=("contoso.example",),
            seed="seed",
            clock=Clock(frozen_at=START),
            settings=msgspec.convert(settings, TenantSettings),
        )
        self.store = await open_store(lambda: START)
        await self.store.write(SYSTEM, lambda tx: tx.put(tenant))
        return self

    async def do(self, unit: Callable[..., T], *arguments: Any, **named: Any) -> T:
        return await self.store.write(TENANT_ID, lambda tx: unit(tx, *arguments, **named))

    async def advance(self, **duration: float) -> None:
        seconds = timedelta(**duration).total_seconds()
        await self.store.write(SYSTEM, lambda tx: tenants.set_clock(tx, TENANT_ID, advance_seconds=seconds))

    async def a_printer(self, identifier: str = "p1", **fields: Any) -> Printer:
        printer = Printer(
            id=identifier, display_name="Lab", manufacturer="Contoso", model="L1", registered_at=START, **fields
        )
        await self.do(lambda tx: tx.put(printer))
        return printer

    async def a_share(self, printer_id: str = "p1", *, allow_all_users: bool = True) -> PrinterShare:
        share, _ = await self.do(
            shares.create,
            display_name="Floor",
            printer_id=printer_id,
            allow_all_users=allow_all_users,
        )
        return share

    async def an_uploaded_job(self, caller: Caller = ADA, size_bytes: int = 4) -> Job:
        """A job on printer p1 whose document is complete."""
        job = await self.do(owner.create_on_printer, caller, "p1", {})
        session = await self.do(
            documents.create_session,
            caller,
            job.id,
            job.document.id,
            name="a.pdf",
            format="application/pdf",
            size_bytes=size_bytes,
        )
        await self.do(documents.record_part, session.id, session.secret, Part(0, size_bytes, "blob"))
        return await self.job(job.id)

    async def a_started_job(self, caller: Caller = ADA) -> Job:
        job = await self.an_uploaded_job(caller)
        return await self.do(owner.start, caller, job.id)

    async def printer(self, printer_id: str) -> Printer:
        return await self.do(printers.get, printer_id)

    async def job(self, job_id: str) -> Job:
        job = await self.do(lambda tx: tx.get(Job, job_id))
        assert job is not None
        return job

    async def every_job(self) -> list[Job]:
        return await self.do(lambda tx: tx.find(Query(entity=Job)))


def a_worker(world: World) -> Worker:
    """A worker on the world's store; its tenants have no webhooks to deliver to."""
    courier = Courier(world.store, Webhooks([]), None, lambda _: None)  # type: ignore[arg-type]
    return Worker(world.store, X509Certificates(), lambda: START, courier)
