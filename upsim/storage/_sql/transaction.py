"""One unit's transaction over any engine that executes the shared SQL."""

import base64
import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from upsim.domain.entity import Entity
from upsim.domain.events import Event
from upsim.domain.guids import guid_of
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.services.ports import SYSTEM
from upsim.storage._sql.changes import ChangeNumbers
from upsim.storage._sql.history import SqlHistory
from upsim.storage._sql.rows import instant, to_columns, to_facts
from upsim.storage._sql.session import Rows, Session
from upsim.storage._sql.statements import select, statements
from upsim.storage._sql.tenants import TenantRecord
from upsim.storage.cache import CACHE

E = TypeVar("E", bound=Entity)

_SQL = statements()
_PRUNE_EVERY_CHANGES = 1024
_PLACES = "place"
"""The system's counter that the numbers of tenants come from."""


class SqlTransaction:
    """A `Transaction`. Changes are kept until the unit asks for entities of a kind that it changed, or ends."""

    def __init__(
        self,
        session: Session,
        numbers: ChangeNumbers,
        tenant_id: str,
        record: TenantRecord,
        real_now: datetime,
        as_of: int | None = None,
        lock: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`lock` is taken of another tenant than the transaction's own before that one is changed too."""
        self._session = session
        self._numbers = numbers
        self._tenant, self._place = record
        self._names = {"tenant": tenant_id, "place": self._place}  # as which tables know the tenant
        self._as_of = as_of
        self._changed: dict[tuple[str, str], Entity | None] = {}
        self._events: list[Event] = []
        self._derived = 0
        self._number: int | None = None
        self._behind: int | None = None
        self._lock = lock
        self._others: dict[str, int] = {}
        self._is_wiped = False
        self._is_forgotten = False
        self.tenant_id = tenant_id
        self.now = self._tenant.clock.read(real_now) if self._tenant else real_now

    @property
    def tenant(self) -> Tenant:
        if self._tenant is None:
            raise NotFound("tenant", self.tenant_id)
        return self._tenant

    @property
    def history(self) -> SqlHistory:
        """The way back."""
        self._flush()
        return SqlHistory(self)

    @property
    def change_number(self) -> int:
        """The number of the tenant's latest change, or of this unit's own."""
        if self._as_of is not None:
            return self._as_of
        if self._changed or self._events:
            return self.take_number()
        return self._number if self._number is not None else self._numbers.latest(self.tenant_id)

    def get(self, entity: type[E], identifier: str) -> E | None:
        key = (entity.kind, identifier)
        if key in self._changed:
            return self._changed[key]  # type: ignore[return-value]
        if self._as_of is None:
            body = self._session.get(self._place, entity.kind, identifier)
        else:
            row = self.execute("get_as_of", kind=entity.kind, id=identifier, as_of=self._as_of).fetchone()
            body = None if row is None else row[0]
        return None if body is None else CACHE.decode(entity, body)

    def find(self, query: Query[E]) -> list[E]:
        if any(kind == query.entity.kind for kind, _ in self._changed):
            self._flush()
        sql, parameters = select(query, self._place, self._as_of)  # type: ignore[arg-type]
        bodies = self._session.find(sql, parameters)
        if query.accepts is None:
            return [CACHE.decode(query.entity, body) for body in bodies]
        return _accepted(query, bodies)

    def first(self, query: Query[E]) -> E | None:
        found = self.find(query)
        return found[0] if found else None

    def tally(self, entity: type[E]) -> dict[str, int]:
        self._flush()
        return dict(self.execute("tally", kind=entity.kind).fetchall())

    def overdue(self) -> dict[str, int]:
        self._flush()
        return dict(self.execute("overdue", now=instant(self.now)).fetchall())

    def put(self, entity: Entity) -> None:
        self._changed[entity.kind, entity.id] = entity

    def delete(self, entity: Entity) -> None:
        self._changed[entity.kind, entity.id] = None

    def emit(self, event: Event) -> None:
        self._events.append(event)

    @property
    def emitted(self) -> list[Event]:
        """The events of this unit so far."""
        return self._events

    def forget_expired(self, entity: type[E], limit: int = 16) -> list[E]:
        self._flush()
        rows = self.execute("expired", kind=entity.kind, now=instant(self.now), limit=limit).fetchall()
        expired = [CACHE.decode(entity, body) for (body,) in rows]
        for item in expired:
            self.delete(item)
        return expired

    def wipe(self, *, for_good: bool = False) -> None:
        self._changed.clear()
        for part in ("live", "ended", "events", "counters", "changes"):
            self.execute(f"wipe_{part}")
        self._events.clear()
        self._behind, self._derived, self._is_wiped = 0, 0, True
        self._is_forgotten = for_good
        if not for_good:  # as when the tenant was made: the first change is the tenant itself
            self._open(self.tenant, 1)
            self._number = 2

    def claim(self, entity: type[E], limit: int, real_now: datetime, leased_until: datetime) -> list[E]:
        """Lease what is due and free (`services.ports.Store.claim`)."""
        rows = self.execute(
            "claim",
            kind=entity.kind,
            now=instant(self.now),
            real_now=instant(real_now),
            leased_until=instant(leased_until),
            limit=limit,
        ).fetchall()
        return [CACHE.decode(entity, body) for (body,) in rows]

    def next_number(self, counter: str) -> int:
        return self._session.next_number(self._names | {"name": counter, "number": self.take_number()})

    def new_id(self) -> str:
        return guid_of(self._derive(16))

    def new_secret(self, octets: int = 32) -> str:
        return base64.urlsafe_b64encode(self._derive(octets)).rstrip(b"=").decode()

    def finish(self) -> None:
        """The unit has ended well: write what is still held back, and count the change."""
        self._flush()
        for ordinal, event in enumerate(self._events, start=1):
            self._write_event(ordinal, event)
        for other, number in self._others.items():
            self._numbers.keep(other, number)
        if self._is_forgotten:
            self._numbers.forget(self.tenant_id)
        elif self._number is not None:
            self._numbers.keep(self.tenant_id, self._number, self._behind)
            is_rewind = self._behind is not None  # one change of perhaps very many rows
            if is_rewind or self._number % _PRUNE_EVERY_CHANGES == 0:
                self._prune(self._number)

    def _flush(self) -> None:
        if not self._changed:
            return
        number = self.take_number()
        for (kind, identifier), entity in self._changed.items():
            self._close(kind, identifier, number)
            if entity is not None:
                self._open(entity, number)
            if kind == Tenant.kind and self.tenant_id == SYSTEM:
                if isinstance(entity, Tenant):
                    self._write_into_its_history(entity)
                else:
                    self.execute("forget_place", tenant=identifier)
        self._changed.clear()

    def _write_into_its_history(self, tenant: Tenant) -> None:
        """A change of what a tenant is, is a change of that tenant too: a rewind finds its clock and settings."""
        if tenant.id not in self._others:
            self._lock(tenant.id)
            self._others[tenant.id] = self._numbers.latest(tenant.id) + 1
        number = self._others[tenant.id]
        place = self._place_of(tenant.id)
        self._close(Tenant.kind, tenant.id, number, place)
        self._open(tenant, number, place)

    def _close(self, kind: str, identifier: str, number: int, place: int | None = None) -> None:
        place = self._place if place is None else place
        self._session.close({"place": place, "kind": kind, "id": identifier, "number": number})

    def _open(self, entity: Entity, number: int, place: int | None = None) -> None:
        place = self._place if place is None else place
        self._session.open({"place": place, "number": number, **to_columns(entity)})

    def _place_of(self, tenant_id: str) -> int:
        """The place of a tenant that the system puts; a new one gets the next."""
        row = self.execute("place_of", tenant=tenant_id).fetchone()
        if row is not None:
            return int(row[0])
        place = self.next_number(_PLACES)
        self.execute("set_place", tenant=tenant_id, place=place)
        return place

    def _write_event(self, ordinal: int, event: Event) -> None:
        self._session.emit(
            {
                "tenant": self.tenant_id,
                "number": self.take_number(),
                "ordinal": ordinal,
                "at": instant(self.now),
                "name": event.name,
                "subject": event.subject,
                "facts": to_facts(event.facts),
            }
        )

    def set_behind(self, behind: int) -> None:
        """Once the unit has ended well, ids are derived from a number so much smaller than the change number."""
        self._behind = behind

    def take_number(self) -> int:
        """The unit's change number; all that it changes carries the same."""
        if self._number is None:
            self._number = self._numbers.latest(self.tenant_id) + 1
        return self._number

    def _derive(self, octets: int) -> bytes:
        """Octets that depend only on the tenant's seed, the change and how many were derived before."""
        self._derived += 1
        behind = 0 if self._is_wiped else self._numbers.behind(self.tenant_id)
        number = self.take_number() - behind
        seed = self._tenant.seed if self._tenant else ""
        text = f"{self.tenant_id}/{number}/{self._derived}"
        return hashlib.blake2b(text.encode(), key=seed.encode()[:64], digest_size=octets).digest()

    def _prune(self, number: int) -> None:
        """Bound the history by changes and by rows. The system's own is not looked back at."""
        horizon = number
        if self._tenant is not None:
            settings = self._tenant.settings
            row = self.execute("rows_horizon", rows=settings.history.rows_max).fetchone()
            horizon = max(number - settings.history.changes_max, row[0] if row else 0)
        if horizon <= 0:  # all of the history may stay
            return
        for statement in ("prune_entities", "prune_counters", "prune_events", "set_pruned"):
            self.execute(statement, horizon=horizon)

    def check_history(self, number: int, tenant_id: str | None = None) -> None:
        """Refuse a look further back than what is kept."""
        row = self.execute("pruned", tenant=tenant_id or self.tenant_id, as_of=number).fetchone()
        if row is not None:
            detail = f"Change {number} is no longer in the tenant's history, which begins at {row[0]}."
            raise Refusal(RefusalKind.GONE, detail, reason="history-pruned")

    def execute(self, statement: str, /, **parameters: Any) -> Rows:
        """Run a named statement in the tenant."""
        return self._session.execute(_SQL[statement], self._names | parameters)


def _accepted(query: Query[E], bodies: Iterable[bytes]) -> list[E]:
    found: list[E] = []
    passed = 0
    for body in bodies:
        if query.limit is not None and len(found) >= query.limit:
            break
        entity = CACHE.decode(query.entity, body)
        if query.accepts is not None and query.accepts(entity):
            passed += 1
            if passed > query.skip:
                found.append(entity)
    return found
