"""Going through every version of a kind."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from upsim.domain.entity import Entity
from upsim.storage._sql.session import Executor
from upsim.storage._sql.statements import statements
from upsim.storage.cache import decode

E = TypeVar("E", bound=Entity)
T = TypeVar("T")


def scan(session: Executor, tenant_id: str, entity: type[E], take: Callable[[E], Iterable[T]]) -> set[T]:
    """Apply `take` to every version."""
    rows = session.execute(statements()["versions"], {"tenant": tenant_id, "kind": entity.kind})
    return {found for (body,) in rows for found in take(decode(entity, body))}
