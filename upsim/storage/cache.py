"""The one cache of results: entities decoded from their rows.

Why it is there. A printer that has described itself is some 4 KB of JSON, which takes 15 times as long to decode
as to find here, and nearly every request reads one. Nothing else that was read outlives its unit: no rows, no
lists, no tenants, no answers.

The rule. The key is the type and the row's octets, all of them, so whatever changes an entity changes the key.
Nothing has to be invalidated, and what is found here is what would be decoded: entities are immutable. Whether a
row is live, and in which tenant, is asked of the store each time; an answer that depends on time is never here.
"""

from collections import OrderedDict
from functools import cache
from threading import Lock
from typing import Any, TypeVar

import msgspec

from upsim.domain.entity import Entity

E = TypeVar("E", bound=Entity)

OCTETS_MAX = 16 << 20
"""Of the rows whose entities are held; the entities take a small multiple of it."""


class Cache:
    """Decoded entities by type and octets. Above `octets_max` octets of rows, those not used for longest leave."""

    def __init__(self, octets_max: int = OCTETS_MAX) -> None:
        self._octets_left = octets_max
        self._entities: OrderedDict[tuple[type[Entity], bytes], Any] = OrderedDict()
        self._lock = Lock()  # stores read in threads of their own

    def decode(self, entity: type[E], body: bytes) -> E:
        """Return the entity that the body of a row is, decoded now or before."""
        key = entity, body
        with self._lock:
            found = self._entities.get(key)
            if found is not None:
                self._entities.move_to_end(key)
                return found  # type: ignore[no-any-return]
        decoded = decode(entity, body)
        with self._lock:
            if key not in self._entities:
                self._entities[key] = decoded
                self._octets_left -= len(body)
            while self._octets_left < 0:
                (_, oldest), _ = self._entities.popitem(last=False)
                self._octets_left += len(oldest)
        return decoded


def decode(entity: type[E], body: bytes) -> E:
    """Decode the body of a row, which is JSON typed by the entity's own annotations."""
    return _decoder(entity).decode(body)  # type: ignore[no-any-return]


@cache
def _decoder(entity: type[Entity]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(entity)


CACHE = Cache()
"""Shared by all stores of the process and by their threads."""
