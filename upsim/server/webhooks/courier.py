"""The courier: claims what is to be told, tells it, and records how it went.

Each delivery is a task of its own, so that a slow receiver keeps nobody else waiting. A delivery that dies with
its server is claimed again by the next when the lease has run out.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from typing import Any

from upsim.domain.change_subscription import ChangeDelivery, ChangeNotice, ChangeSubscription
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal
from upsim.server.webhooks.calls import Webhooks
from upsim.server.webhooks.messages import write_message
from upsim.services import deliveries
from upsim.services.deliveries import Answered, Batch
from upsim.services.due import Happened
from upsim.services.ports import Store, Transaction

log = logging.getLogger("upsim.webhooks")

LEASE_MARGIN_SECONDS = 5.0
"""A claim outlives the receiver's time by this, so that no other server tells the same in the meantime."""

Sending = Sequence[ChangeNotice]
Interfere = Callable[[str, ChangeSubscription, Sending], Awaitable[Sequence[Sending]]]
"""What is really sent in place of a batch: nothing (lost), the same twice, or in another order."""


class Courier:
    """One for each server."""

    def __init__(
        self, store: Store, webhooks: Webhooks, interfere: Interfere, report: Callable[[str], object]
    ) -> None:
        """`report` is called with the outcome of each attempt."""
        self._store = store
        self._webhooks = webhooks
        self._running: dict[str, set[asyncio.Task[Happened | None]]] = {}
        self._ended: dict[str, list[Happened]] = {}
        """What ended while somebody waits for it."""
        self.interfere = interfere
        self._report = report

    def begin(self, tenant_id: str) -> None:
        """Start what is due in a tenant, and wait for nothing."""
        self._run(tenant_id, self._start(tenant_id))

    async def finish(self, tenant_id: str) -> list[Happened]:
        """Start what is due in a tenant and wait until it, and what was under way, has ended.

        What happened in the meantime is told, whoever began it. One caller a tenant at a time.
        """
        happened = self._ended[tenant_id] = []
        try:
            await self._start(tenant_id)
            while tasks := list(self._running.get(tenant_id, ())):
                await asyncio.gather(*tasks)
                await self._start(tenant_id)
        finally:
            del self._ended[tenant_id]
        return happened

    async def close(self) -> None:
        """Let go of what is under way; it is told again by whoever comes next."""
        tasks = [task for running in self._running.values() for task in running]
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError, Exception):
                await task

    async def _start(self, tenant_id: str) -> None:
        try:
            if not await self._store.read(tenant_id, _is_due):
                return
            timeout = await self._store.read(tenant_id, lambda tx: tx.tenant.settings.webhooks.timeout_seconds)
            claimed = await self._store.claim(
                tenant_id, ChangeDelivery, lease_seconds=timeout + LEASE_MARGIN_SECONDS
            )
        except Refusal as refusal:
            log.warning("Notifications of %s wait: %s", tenant_id, refusal.detail)
            return
        for delivery in claimed:
            self._run(tenant_id, self._deliver(tenant_id, delivery, timeout))

    def _run(self, tenant_id: str, work: Coroutine[Any, Any, Happened | None]) -> None:
        """Let it run beside all else. A start counts too: what it has claimed nobody else can."""
        running = self._running.setdefault(tenant_id, set())
        task = asyncio.create_task(work)
        running.add(task)

        def end(task: asyncio.Task[Happened | None]) -> None:
            running.discard(task)
            what = None if task.cancelled() else task.result()
            if what is not None and tenant_id in self._ended:
                self._ended[tenant_id].append(what)

        task.add_done_callback(end)

    async def _deliver(self, tenant_id: str, delivery: ChangeDelivery, seconds: float) -> Happened | None:
        try:
            batch = await self._store.read(tenant_id, lambda tx: deliveries.next_batch(tx, delivery))
            if batch is None:
                await self._store.write(tenant_id, lambda tx: deliveries.nothing_left(tx, delivery))
                return None
            answer = await self._send(tenant_id, batch, seconds)
            self._report(answer.outcome)
            return await self._store.write(tenant_id, lambda tx: _record(tx, batch, answer))
        except Refusal as refusal:
            log.warning("A notification of %s could not be recorded: %s", tenant_id, refusal.detail)
        except Exception:
            log.exception("A notification of %s failed", tenant_id)
        return None

    async def _send(self, tenant_id: str, batch: Batch, seconds: float) -> Answered:
        answer = Answered(outcome="delivered", detail="An injection that was asked for kept it from being sent.")
        for notices in await self.interfere(tenant_id, batch.subscription, batch.notices):
            message = write_message(tenant_id, batch.subscription, notices)
            answer = await self._webhooks.notify(batch.subscription.notification_url, message, seconds)
            if answer.outcome != "delivered":
                break
        return answer


def _is_due(tx: Transaction) -> bool:
    return tx.first(Query(entity=ChangeDelivery, due_by=tx.now, limit=1)) is not None


def _record(tx: Transaction, batch: Batch, answer: Answered) -> Happened:
    told = len(tx.emitted)
    attempt = deliveries.answered(tx, batch, answer)
    what = "dropped" if attempt.dropped and attempt.retry_at is None else attempt.outcome
    return Happened(
        at=batch.delivery.due_at,
        kind=ChangeDelivery.kind,
        id=batch.subscription.id,
        what=what,
        events=tuple(tx.emitted[told:]),
    )
