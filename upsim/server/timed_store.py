"""A store whose units are timed for the metrics. It changes nothing else."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from upsim.domain.entity import Entity
from upsim.domain.tenant import Tenant
from upsim.services.ports import Changes, Store, Unit

if TYPE_CHECKING:
    from prometheus_client import Histogram

E = TypeVar("E", bound=Entity)
T = TypeVar("T")


class TimedStore:
    """A `Store` around another."""

    def __init__(self, store: Store, seconds: "Histogram") -> None:
        self._store = store
        self._read, self._write, self._claim = (seconds.labels(work) for work in ("read", "write", "claim"))
        self.engine = store.engine

    @property
    def retries(self) -> Mapping[str, int]:
        return self._store.retries

    async def read(self, tenant_id: str, unit: Unit[T], *, as_of: int | None = None) -> T:
        with self._read.time():
            return await self._store.read(tenant_id, unit, as_of=as_of)

    async def write(self, tenant_id: str, unit: Unit[T], *, is_long: bool = False) -> T:
        with self._write.time():
            return await self._store.write(tenant_id, unit, is_long=is_long)

    async def claim(
        self, tenant_id: str, entity: type[E], *, limit: int = 16, lease_seconds: float = 30.0
    ) -> list[E]:
        with self._claim.time():
            return await self._store.claim(tenant_id, entity, limit=limit, lease_seconds=lease_seconds)

    async def scan(self, tenant_id: str, entity: type[E], take: Callable[[E], Iterable[T]]) -> set[T]:
        return await self._store.scan(tenant_id, entity, take)

    def changes(self, tenant_id: str) -> Changes:
        return self._store.changes(tenant_id)

    def latest_change(self, tenant_id: str) -> int:
        return self._store.latest_change(tenant_id)

    async def check(self) -> None:
        await self._store.check()

    async def now(self, tenant_id: str) -> datetime:
        return await self._store.now(tenant_id)

    async def tenant(self, tenant_id: str) -> Tenant:
        return await self._store.tenant(tenant_id)

    async def close(self) -> None:
        await self._store.close()
