"""Domain values as rows. Bodies are JSON; `upsim.storage.cache` decodes them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from upsim.domain.entity import Entity

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_encoder = msgspec.json.Encoder()


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


def to_facts(facts: dict[str, Any]) -> bytes:
    """An event's facts as stored."""
    return _encoder.encode(facts)
