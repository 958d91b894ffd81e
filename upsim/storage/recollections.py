"""What reading units found, kept until something of their tenant changes."""

from collections.abc import Hashable, Iterable
from typing import Any

from upsim.services.ports import SYSTEM

RESULTS_MAX = 2048
BYTES_MAX = 16 << 20
"""Results of one tenant, and how large those of them that are octets may be; beyond them all are forgotten."""
TENANTS_MAX = 1024


class Kept(dict[Hashable, Any]):
    """A tenant's results by key."""

    __slots__ = ("size",)

    def __init__(self) -> None:
        super().__init__()
        self.size = 0

    def keep(self, key: Hashable, result: Any) -> None:
        """Add a result."""
        self[key] = result
        if isinstance(result, bytes):
            self.size += len(result)

    @property
    def is_full(self) -> bool:
        return len(self) >= RESULTS_MAX or self.size >= BYTES_MAX


class Recollections:
    """Results by tenant and key. Readers and the writer may be different threads.

    A reader takes the tenant's results before it reads and puts its own into the same dictionary afterwards. If
    the tenant changed meanwhile, that dictionary is no longer the one that the next reader takes.
    """

    def __init__(self) -> None:
        self._by_tenant: dict[str, Kept] = {}

    def of(self, tenant_id: str) -> Kept:
        """The tenant's results as they stand."""
        kept = self._by_tenant.get(tenant_id)
        if kept is None or kept.is_full:
            if len(self._by_tenant) >= TENANTS_MAX:
                self._by_tenant.clear()
            kept = self._by_tenant[tenant_id] = Kept()
        return kept

    def forget(self, tenant_ids: Iterable[str]) -> None:
        """These tenants changed. Clocks and settings are the system's: its change concerns all."""
        for tenant_id in tenant_ids:
            if tenant_id == SYSTEM:
                self._by_tenant.clear()
            else:
                self._by_tenant.pop(tenant_id, None)
