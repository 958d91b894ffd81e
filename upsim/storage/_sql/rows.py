"""Row to domain value and back. Bodies are JSON, typed by the entity's own annotations."""

from collections.abc import Hashable
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any, TypeVar

import msgspec

from upsim.domain.entity import Entity

E = TypeVar("E", bound=Entity)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_encoder = msgspec.json.Encoder()


@cache
def _decoder(entity: type[Entity]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(entity)


def instant(moment: datetime | None) -> int | None:
    """Microseconds since 1970, as index columns hold them."""
    return None if moment is None else (moment - _EPOCH) // _MICROSECOND


def to_columns(entity: Entity) -> dict[str, Any]:
    """The index columns and the body of an entity."""
    index = entity.index()
    return {
        "kind": entity.kind,
        "id": entity.id,
        "parent": index.parent,
        "owner": index.owner,
        "key": index.key,
        "tag": index.tag,
        "at": instant(index.at) or 0,
        "due": instant(index.due),
        "body": _encoder.encode(entity),
    }


DECODED_MAX = 1024
"""Bodies that are not decoded again while they stay the same."""


def to_entity(entity: type[E], body: bytes) -> E:
    """The entity that a body holds: the very same object for the same body, while it is remembered."""
    return _decoded(entity, body)  # type: ignore[no-any-return]


@lru_cache(DECODED_MAX)
def _decoded(entity: Hashable, body: bytes) -> Any:
    return _decoder(entity).decode(body)


def to_facts(facts: dict[str, Any]) -> bytes:
    """An event's facts as stored."""
    return _encoder.encode(facts)
