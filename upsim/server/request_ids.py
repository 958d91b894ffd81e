"""Ids of requests: GUIDs that follow from the tenant's seed and how many of its requests came before.

A request that belongs to no tenant has a random one, or one that follows from the server's own seed. Servers that
share a store mix in their names, and a server that was started again the change it found the tenant at: so the
ids of two servers, or of two lives of one, differ.
"""

import hashlib
import secrets
from collections.abc import Callable
from itertools import count

from upsim.domain.guids import guid_of
from upsim.domain.tenant import Tenant

_TENANTS_MAX = 10_000
"""Tenants whose requests are counted; the oldest goes first."""
_OCTETS = 16
"""Of an id."""
_IDS_IN_A_HASH = 4


class RequestIds:
    """Counts the requests of each tenant. `latest_change` tells where a tenant stands."""

    def __init__(self, latest_change: Callable[[str], int], seed: str | None = None, node: str = "") -> None:
        self._latest_change = latest_change
        self._seed = seed
        self._node = node
        self._strangers = count(1)
        self._of_tenants: dict[str, _Counted] = {}

    def take(self, tenant: Tenant | None) -> str:
        """The id of the next request of a tenant, or of nobody's."""
        if tenant is None:
            if self._seed is None:
                return guid_of(secrets.token_bytes(_OCTETS))
            return _derived(self._seed, f"{self._node}/request/{next(self._strangers)}")
        counted = self._of_tenants.get(tenant.id)
        if counted is None:
            counted = self.begin(tenant.id, self._latest_change(tenant.id))
        return counted.next_id(tenant.seed)

    def begin(self, tenant_id: str, change: int) -> "_Counted":
        """Count a tenant's requests anew, from a change on."""
        if len(self._of_tenants) >= _TENANTS_MAX:
            del self._of_tenants[next(iter(self._of_tenants))]
        counted = self._of_tenants[tenant_id] = _Counted(f"{self._node}/{tenant_id}/request/{change}/")
        return counted

    def forget(self, tenant_id: str) -> None:
        """The tenant is gone or begins anew."""
        self._of_tenants.pop(tenant_id, None)


class _Counted:
    """A tenant's requests. What they have in common is hashed once; each further hash is cut into several ids."""

    __slots__ = ("_begun", "_left", "_numbers", "_prefix", "_seed")

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._seed: str | None = None
        self._begun = hashlib.blake2b()
        self._numbers = count(1)
        self._left: list[str] = []

    def next_id(self, seed: str) -> str:
        if seed != self._seed:
            self._seed, self._begun = seed, _keyed(seed, self._prefix, _IDS_IN_A_HASH * _OCTETS)
            self._left.clear()
        if not self._left:
            hashed = self._begun.copy()
            hashed.update(b"%d" % next(self._numbers))
            octets = hashed.digest()
            self._left = [guid_of(octets[start : start + _OCTETS]) for start in range(0, len(octets), _OCTETS)]
        return self._left.pop()


def _derived(seed: str, text: str) -> str:
    return guid_of(_keyed(seed, text).digest())


def _keyed(seed: str, text: str, octets: int = _OCTETS) -> "hashlib.blake2b":
    return hashlib.blake2b(text.encode(), key=seed.encode()[:64], digest_size=octets)
