"""Injections of change notifications: lost, told twice, or told after the next (`upsim.domain.injection`)."""

from collections.abc import Callable, Sequence
from datetime import datetime

from upsim.domain.change_subscription import ChangeNotice, ChangeSubscription
from upsim.server.journal import Entry, Journals
from upsim.services import injections
from upsim.services.ports import Store

Sending = Sequence[ChangeNotice]


class Interference:
    """What is really sent in place of a batch. What was put back waits here for the next batch of its kind."""

    def __init__(self, store: Store, journals: Journals, now: Callable[[], datetime]) -> None:
        self._store = store
        self._journals = journals
        self._now = now
        self._put_back: dict[str, Sending] = {}

    async def __call__(
        self, tenant_id: str, subscription: ChangeSubscription, notices: Sending
    ) -> Sequence[Sending]:
        """Without rules: the batch, once."""
        before = self._put_back.pop(subscription.id, None) if self._put_back else None
        sent = [notices] if before is None else [notices, before]
        tenant = await self._store.tenant(tenant_id)
        if not tenant.imposed.injections:
            return sent
        fired = await self._store.write(
            tenant_id,
            lambda tx: injections.meet_delivery(tx, printer_id=subscription.target_id, app_id=subscription.app_id),
        )
        for rule in fired:
            if rule.webhook == "lose":
                sent = []
            elif rule.webhook == "duplicate":
                sent = [*sent, *sent]
            elif rule.webhook == "reorder" and len(notices) > 1:
                sent = [tuple(reversed(notices))]
            elif rule.webhook == "reorder" and before is None:
                self._put_back[subscription.id] = notices
                sent = []
        if fired:
            url = subscription.notification_url
            self._journals.record(
                Entry(
                    began_at=self._now(),
                    method="POST",
                    target=url,
                    tenant=tenant,
                    operation_id="webhook.deliver",
                    injected=fired,
                )
            )
        return sent
