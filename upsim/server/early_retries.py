"""Callers that retry before Retry-After is over.

They are counted and reported, not refused: the service's own penalty is unknown. Like the journal they are kept in
the node's memory, and only those are that were told to wait.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import NamedTuple

WAITING_MAX = 4096
"""Callers that are watched at a time; above it the oldest is dropped."""


class Retried(NamedTuple):
    """What counts as the same call: the same caller, the same operation, the same path."""

    tenant_id: str
    caller: str
    operation: str
    path: str


class Early(NamedTuple):
    """Calls of one kind that were retried too early."""

    caller: str
    operation: str
    path: str
    calls: int
    worst_seconds: float
    """How much of the wait was left, at most."""


class EarlyRetries:
    """Until when callers have to wait, on their tenant's clock, and who did not."""

    def __init__(self) -> None:
        self.waiting: OrderedDict[Retried, datetime] = OrderedDict()
        """Until when each caller has to wait."""
        self._early: dict[Retried, Early] = {}

    def wait(self, retried: Retried, now: datetime, seconds: float) -> None:
        """Note that a caller was told to wait."""
        self.waiting.pop(retried, None)
        self.waiting[retried] = now + timedelta(seconds=seconds)
        if len(self.waiting) > WAITING_MAX:
            self.waiting.popitem(last=False)

    def check(self, retried: Retried, now: datetime) -> float:
        """Return how many seconds too early this call is; 0 if it is not."""
        until = self.waiting.get(retried)
        if until is None:
            return 0.0
        left = (until - now).total_seconds()
        if left <= 0:
            del self.waiting[retried]
            return 0.0
        if len(self._early) >= WAITING_MAX and retried not in self._early:
            return left
        before = self._early.get(retried) or Early(retried.caller, retried.operation, retried.path, 0, 0.0)
        worst = max(before.worst_seconds, left)
        self._early[retried] = before._replace(calls=before.calls + 1, worst_seconds=worst)
        return left

    def early(self, tenant_id: str) -> list[Early]:
        """The calls of a tenant that were retried too early."""
        return [early for retried, early in self._early.items() if retried.tenant_id == tenant_id]

    def forget(self, tenant_id: str) -> None:
        """Drop what is known of a tenant's callers."""
        for known in (self.waiting, self._early):
            for retried in [each for each in known if each.tenant_id == tenant_id]:
                del known[retried]
