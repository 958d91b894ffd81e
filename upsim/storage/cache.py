"""The one cache of results: entities decoded from their rows.

Why it is there. A printer that has described itself is some 4 KB of JSON, which takes 15 times as long to decode
as to find here, and nearly every request reads one. Nothing else that was read outlives its unit: no rows, no
lists, no tenants, no answers.

The rule. The key is the type and the row's octets, all of them, so whatever changes an entity changes the key.
Nothing has to be invalidated, and what is found here is what would be decoded: entities are immutable. Whether a
row is live, and in which tenant, is asked of the store each time; an answer that depends on time is never here.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, TypeVar

import msgspec

from upsim.domain.entity import Entity

E = TypeVar("E", bound=Entity)

ENTITIES_MAX = 1024


class Cache:
    """Decoded entities by type and octets. The one not used for longest makes room."""

    def __init__(self, entities_max: int = ENTITIES_MAX) -> None:
        self.decode: Callable[[type[Entity], bytes], Any] = lru_cache(entities_max)(decode)


def decode(entity: type[E], body: bytes) -> E:
    """Decode the body of a row, which is JSON typed by the entity's own annotations."""
    return _decoder(entity).decode(body)  # type: ignore[no-any-return]


@cache
def _decoder(entity: type[Entity]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(entity)


CACHE = Cache()
"""Shared by all stores of the process and by their threads."""
