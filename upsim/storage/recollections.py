"""What reading units found, kept until something changes that they looked at."""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from upsim.services.ports import SYSTEM

RESULTS_MAX = 2048
BYTES_MAX = 16 << 20
"""Results of one tenant, and how large those of them that are octets may be; beyond them all are forgotten."""
TENANTS_MAX = 1024
EVERYTHING = "*"
"""In place of kinds: the unit looked at, or changed, what no kind of entity tells."""


class Recollection(NamedTuple):
    """A result, the kinds of entities that its unit looked at, and the turn of the tenant before it did."""

    result: Any
    kinds: frozenset[str]
    since: int


class Kept:
    """A tenant's results by key, and the stamp of the state that they were read from, where one is asked for."""

    __slots__ = ("_changed", "_results", "_size", "_turns", "is_full", "stamp", "turn")

    def __init__(self, turns: Iterator[int], stamp: Hashable = None) -> None:
        self.stamp = stamp
        self._turns = turns
        self.turn = next(turns)
        """Another, later one after each commit that changed the tenant."""
        self._changed: dict[str, int] = {}
        self._results: dict[Hashable, Recollection] = {}
        self._size = 0
        self.is_full = False

    def find(self, key: Hashable) -> Recollection | None:
        """The result of this key, if it is what would be read now."""
        found = self._results.get(key)
        if found is not None and found.since != self.turn:
            for kind in found.kinds:
                if self._changed.get(kind, 0) > found.since:
                    return None
        return found

    def keep(self, key: Hashable, found: Recollection) -> None:
        """Add a result, in place of one that is out of date."""
        before = self._results.get(key)
        self._size += _size(found) - (_size(before) if before is not None else 0)
        self._results[key] = found
        self.is_full = len(self._results) >= RESULTS_MAX or self._size >= BYTES_MAX

    def touch(self, kinds: Iterable[str]) -> None:
        """These kinds have changed."""
        self.turn = next(self._turns)
        for kind in kinds:
            self._changed[kind] = self.turn
        self._changed[EVERYTHING] = self.turn


class Recollections:
    """Results by tenant and key. Readers and the writer may be different threads.

    A reader takes the tenant's results, and their turn, before it reads, and puts its own into these results
    afterwards. What changed meanwhile has a later turn, or the next reader takes other results. An engine that is
    not told of every change asks for a stamp of the state before each read; results of another are forgotten.
    """

    def __init__(self) -> None:
        self._by_tenant: dict[str, Kept] = {}
        self._turns = count(1)

    def of(self, tenant_id: str, stamp: Hashable = None) -> Kept:
        """The tenant's results as they stand."""
        kept = self._by_tenant.get(tenant_id)
        if kept is None or kept.is_full or kept.stamp != stamp:
            if len(self._by_tenant) >= TENANTS_MAX:
                self._by_tenant.clear()
            kept = self._by_tenant[tenant_id] = Kept(self._turns, stamp)
        return kept

    def forget(self, changed: Mapping[str, Iterable[str]]) -> None:
        """These kinds changed in these tenants. Clocks and settings are the system's: its change concerns all."""
        for tenant_id, kinds in changed.items():
            if tenant_id == SYSTEM:
                self._by_tenant.clear()
            elif EVERYTHING in kinds:
                self._by_tenant.pop(tenant_id, None)
            elif (kept := self._by_tenant.get(tenant_id)) is not None:
                kept.touch(kinds)


def _size(found: Recollection) -> int:
    return len(found.result) if isinstance(found.result, bytes) else 0
