"""The worker: does what falls due on every tenant's clock, when it is due and though nobody looks.

It sleeps until the earliest instant at which there is something to do in any tenant, or until a tenant changes.
What is due is done in a transaction of the tenant, so that of several servers on one store one does it and the
others find nothing left; deliveries, which leave the process, are claimed first (`Store.claim`).
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.webhooks.courier import Courier
from upsim.services import due, tenants
from upsim.services.ports import EVERYWHERE, SYSTEM, Certificates, Store, Transaction

log = logging.getLogger("upsim.worker")

TOGETHER_SECONDS = 0.02
"""Changes that come within this (real) time are looked at together."""
RETRY_SECONDS = 1.0
"""After this (real) time a tenant is looked at again whose work failed, or is in somebody's hands."""

LOOK_SECONDS = 86_400.0
"""A tenant that has something to do is looked at at least so often."""


class Worker:
    """One for each server. `now` is real time; tenants' clocks are read by it."""

    def __init__(
        self,
        store: Store,
        certificates: Certificates,
        now: Callable[[], datetime],
        deliveries: Courier,
    ) -> None:
        self._store = store
        self._certificates = certificates
        self._now = now
        self._changes = store.changes(EVERYWHERE)
        self._alarms: dict[str, datetime | None] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._task: asyncio.Task[None] | None = None
        self._deliveries = deliveries

    def start(self) -> None:
        """Work from now on."""
        self._task = asyncio.create_task(self._run(), name="upsim-worker")

    async def stop(self) -> None:
        """Stop; what was begun and is not done is done by whoever comes next."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def settle(self, tenant_id: str) -> list[due.Happened]:
        """Do all that is due in a tenant now, deliveries included, and wait for the end of it."""
        async with self._lock(tenant_id):
            happened = await self._work_off(tenant_id)
            delivered = await self._deliveries.finish(tenant_id)
            return happened + delivered + await self._work_off(tenant_id)

    async def advance(
        self, tenant_id: str, *, to: datetime | None = None, until: due.Condition | None = None
    ) -> due.Moved:
        """Move a tenant's clock; all that falls due on the way is done here, in order."""
        means = due.Means(self._certificates)
        async with self._lock(tenant_id):
            try:
                return await due.advance(
                    self._store, tenant_id, means, self._deliveries.finish, to=to, until=until
                )
            finally:
                self._changes.wake([tenant_id])

    async def _run(self) -> None:
        with self._changes as changes:
            changed = {SYSTEM}
            while True:
                await self._look(changed)
                await changes.wait(self._seconds_to_sleep())
                await asyncio.sleep(TOGETHER_SECONDS)  # noqa: TID251 - so that a burst of changes is one look
                changed = changes.take()

    async def _look(self, changed: Iterable[str]) -> None:
        """Attend to the tenants that changed and to those whose time has come."""
        now = self._now()
        attend = {tenant for tenant, alarm in self._alarms.items() if alarm is not None and alarm <= now}
        attend |= set(changed) & self._alarms.keys()
        if SYSTEM in changed:  # a tenant whose clock or settings changed is among the changed itself
            every = await self._every_tenant()
            attend |= every - self._alarms.keys()
            for gone in self._alarms.keys() - every:
                self._alarms.pop(gone)
                self._locks.pop(gone, None)
                attend.discard(gone)
        for tenant_id in attend:
            self._alarms[tenant_id] = await self._attend(tenant_id)

    async def _every_tenant(self) -> set[str]:
        try:
            return {tenant.id for tenant in await self._store.read(SYSTEM, tenants.list_all)}
        except Refusal as refusal:
            log.warning("The worker cannot see the tenants: %s", refusal.detail)
            self._changes.wake([SYSTEM])
            return set(self._alarms)

    async def _attend(self, tenant_id: str) -> datetime | None:
        """Do what is due in a tenant; when to look again (real time)."""
        lock = self._lock(tenant_id)
        if lock.locked():  # somebody moves its clock, does what is due on the way and tells of it
            return None
        try:
            async with lock:
                seconds = await self._seconds_left(tenant_id)
                if seconds == 0:
                    await self._work_off(tenant_id)
                    seconds = await self._seconds_left(tenant_id)
                else:
                    self._deliveries.begin(tenant_id)
                return self._alarm(seconds)
        except Refusal as refusal:
            if refusal.kind is RefusalKind.NOT_FOUND:  # the tenant is being deleted
                return None
            log.warning("Work that is due in %s failed: %s", tenant_id, refusal.detail)
        except Exception:
            log.exception("Work that is due in %s failed", tenant_id)
        return self._now() + timedelta(seconds=RETRY_SECONDS)

    async def _work_off(self, tenant_id: str) -> list[due.Happened]:
        """Do the work of a tenant that is due, and what falls due by it; deliveries are only begun."""
        means = due.Means(self._certificates)
        happened: list[due.Happened] = []
        for _ in range(due.STEPS_MAX):
            if not await self._store.read(tenant_id, due.is_work_due):
                break
            done = await self._store.write(tenant_id, lambda tx: due.run(tx, means))
            happened += done
        self._deliveries.begin(tenant_id)
        return happened

    async def _seconds_left(self, tenant_id: str) -> float | None:
        """Real seconds until there is work or an errand to do, 0 if there is now; None: there never will be."""
        now = self._now()

        def seconds_left(tx: Transaction) -> float | None:
            instant = due.next_work(tx)
            return None if instant is None else tx.tenant.clock.seconds_until(instant, now)

        return await self._store.read(tenant_id, seconds_left)

    def _alarm(self, seconds: float | None) -> datetime | None:
        """When to look again (real time). What is still overdue is in somebody's hands."""
        if seconds is None:
            return None
        return self._now() + timedelta(seconds=min(seconds or RETRY_SECONDS, LOOK_SECONDS))

    def _seconds_to_sleep(self) -> float | None:
        alarms = [alarm for alarm in self._alarms.values() if alarm is not None]
        return max(0.0, (min(alarms) - self._now()).total_seconds()) if alarms else None

    def _lock(self, tenant_id: str) -> asyncio.Lock:
        return self._locks.setdefault(tenant_id, asyncio.Lock())
