"""Wake-ups: whoever waits for a tenant to change is told after the commit."""

import asyncio
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from upsim.services.ports import EVERYWHERE, SYSTEM


class Signals:
    """Who waits for which tenant. All of it happens on the event loop's thread."""

    def __init__(self) -> None:
        self._waiting: dict[str, set[Changes]] = {}

    def changes(self, tenant_id: str) -> "Changes":
        """A subscription to one tenant."""
        return Changes(self._waiting, tenant_id)

    def fire(self, tenant_ids: Iterable[str]) -> None:
        """Wake who waits for these tenants. Clocks and settings are the system's: its change wakes all."""
        changed = set(tenant_ids)
        if not changed:
            return
        woken = self._waiting.keys() if SYSTEM in changed else (changed | {EVERYWHERE}) & self._waiting.keys()
        for tenant_id in woken:
            for waiting in self._waiting[tenant_id]:
                waiting.wake(changed)


class Changes:
    """One subscription (`services.ports.Changes`)."""

    def __init__(self, waiting: dict[str, set["Changes"]], tenant_id: str) -> None:
        self._waiting = waiting
        self._tenant_id = tenant_id
        self._changed = asyncio.Event()
        self._tenants: set[str] = set()

    def wake(self, tenant_ids: Iterable[str]) -> None:
        """Tell whoever waits that these tenants changed."""
        self._tenants.update(tenant_ids)
        self._changed.set()

    def take(self) -> set[str]:
        """Which tenants changed since they were last taken; `SYSTEM` stands for clocks and settings."""
        taken, self._tenants = self._tenants, set()
        return taken

    def __enter__(self) -> Self:
        self._waiting.setdefault(self._tenant_id, set()).add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        others = self._waiting[self._tenant_id]
        others.discard(self)
        if not others:
            del self._waiting[self._tenant_id]

    async def wait(self, timeout_seconds: float | None) -> bool:
        """Whether the tenant changed since the subscription began, or since the last wait that said so."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True
