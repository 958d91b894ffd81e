"""Who calls again before Retry-After is over. It is only counted and told: the service's own penalty is unknown.

Kept where the journal is kept, in the node's memory, and only for callers that were told to wait.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import NamedTuple

TOLD_MAX = 4096
"""Callers remembered at a time."""


class Asked(NamedTuple):
    """What counts as the same call: the same caller asking for the same thing."""

    tenant_id: str
    caller: str
    operation: str
    path: str


class Early(NamedTuple):
    """Calls of one kind that came too early."""

    caller: str
    operation: str
    path: str
    calls: int
    worst_seconds: float
    """How much of the wait was left, at most."""


class Patience:
    """Remembers until when callers were told to wait, on their tenant's clock."""

    def __init__(self) -> None:
        self._told: OrderedDict[Asked, datetime] = OrderedDict()
        self._early: dict[Asked, Early] = {}

    def __bool__(self) -> bool:
        return bool(self._told)

    def tell(self, asked: Asked, now: datetime, seconds: float) -> None:
        """A caller is told to wait."""
        self._told.pop(asked, None)
        self._told[asked] = now + timedelta(seconds=seconds)
        if len(self._told) > TOLD_MAX:
            self._told.popitem(last=False)

    def check(self, asked: Asked, now: datetime) -> float:
        """How many seconds too early this call is; 0 if it is not."""
        until = self._told.get(asked)
        if until is None:
            return 0.0
        left = (until - now).total_seconds()
        if left <= 0:
            del self._told[asked]
            return 0.0
        if len(self._early) >= TOLD_MAX and asked not in self._early:
            return left
        before = self._early.get(asked) or Early(asked.caller, asked.operation, asked.path, 0, 0.0)
        worst = max(before.worst_seconds, left)
        self._early[asked] = before._replace(calls=before.calls + 1, worst_seconds=worst)
        return left

    def early(self, tenant_id: str) -> list[Early]:
        """The calls of a tenant that came too early."""
        return [early for asked, early in self._early.items() if asked.tenant_id == tenant_id]

    def forget(self, tenant_id: str) -> None:
        for known in (self._told, self._early):
            for asked in [each for each in known if each.tenant_id == tenant_id]:
                del known[asked]
