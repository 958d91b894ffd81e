"""Ids of requests: GUIDs that follow from the tenant's seed and how many of its requests came before.

A request that belongs to no tenant has a random one, or one that follows from the server's own seed. Servers that
share a store mix in their names, and a server that was started again the change it found the tenant at: so the
ids of two servers, or of two lives of one, differ.
"""

import hashlib
import secrets
from collections.abc import Callable
from itertools import count

from upsim.domain.tenant import Tenant

_TENANTS_MAX = 10_000
"""Tenants whose requests are counted; the oldest goes first."""


class RequestIds:
    """Counts the requests of each tenant. `latest_change` tells where a tenant stands."""

    def __init__(self, latest_change: Callable[[str], int], seed: str | None = None, node: str = "") -> None:
        self._latest_change = latest_change
        self._seed = seed
        self._node = node
        self._strangers = count(1)
        self._of_tenants: dict[str, tuple[int, count[int]]] = {}

    def take(self, tenant: Tenant | None) -> str:
        """The id of the next request of a tenant, or of nobody's."""
        if tenant is None:
            if self._seed is None:
                return _as_guid(secrets.token_bytes(16))
            return _derived(self._seed, f"{self._node}/request/{next(self._strangers)}")
        counted = self._of_tenants.get(tenant.id)
        if counted is None:
            counted = self.begin(tenant.id, self._latest_change(tenant.id))
        began, requests = counted
        return _derived(tenant.seed, f"{self._node}/{tenant.id}/request/{began}/{next(requests)}")

    def begin(self, tenant_id: str, change: int) -> "tuple[int, count[int]]":
        """Count a tenant's requests anew, from a change on."""
        if len(self._of_tenants) >= _TENANTS_MAX:
            del self._of_tenants[next(iter(self._of_tenants))]
        counted = self._of_tenants[tenant_id] = (change, count(1))
        return counted

    def forget(self, tenant_id: str) -> None:
        """The tenant is gone or begins anew."""
        self._of_tenants.pop(tenant_id, None)


def _derived(seed: str, text: str) -> str:
    return _as_guid(hashlib.blake2b(text.encode(), key=seed.encode()[:64], digest_size=16).digest())


def _as_guid(octets: bytes) -> str:
    """A version 4 UUID (RFC 9562 section 5.4), written without an object in between: every request has one."""
    digits = octets.hex()
    variant = "89ab"[octets[8] >> 4 & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
