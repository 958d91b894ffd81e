"""What reading units found, kept until something of their tenant changes."""

from collections.abc import Hashable, Iterable
from typing import Any

from upsim.services.ports import SYSTEM

RESULTS_MAX = 2048
"""Results of one tenant; beyond them all of its results are forgotten."""
TENANTS_MAX = 1024


class Recollections:
    """Results by tenant and key. Readers and the writer may be different threads.

    A reader takes the tenant's results before it reads and puts its own into the same dictionary afterwards. If
    the tenant changed meanwhile, that dictionary is no longer the one that the next reader takes.
    """

    def __init__(self) -> None:
        self._by_tenant: dict[str, dict[Hashable, Any]] = {}

    def of(self, tenant_id: str) -> dict[Hashable, Any]:
        """The tenant's results as they stand."""
        kept = self._by_tenant.get(tenant_id)
        if kept is None or len(kept) >= RESULTS_MAX:
            if len(self._by_tenant) >= TENANTS_MAX:
                self._by_tenant.clear()
            kept = self._by_tenant[tenant_id] = {}
        return kept

    def forget(self, tenant_ids: Iterable[str]) -> None:
        """These tenants changed. Clocks and settings are the system's: its change concerns all."""
        for tenant_id in tenant_ids:
            if tenant_id == SYSTEM:
                self._by_tenant.clear()
            else:
                self._by_tenant.pop(tenant_id, None)
