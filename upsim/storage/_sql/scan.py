"""Going through every version of a kind."""

from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec

from upsim.domain.entity import Entity
from upsim.storage._sql.session import Session
from upsim.storage._sql.statements import statements

E = TypeVar("E", bound=Entity)
T = TypeVar("T")


def scan(session: Session, tenant_id: str, entity: type[E], take: Callable[[E], Iterable[T]]) -> set[T]:
    """What `take` finds. Bodies are decoded aside: they would push others out of what is remembered."""
    decoder = msgspec.json.Decoder(entity)
    rows = session.execute(statements()["versions"], {"tenant": tenant_id, "kind": entity.kind})
    return {found for (body,) in rows for found in take(decoder.decode(body))}
