"""One unit's transaction over any engine that executes the shared SQL."""

import base64
import hashlib
import uuid
from datetime import datetime
from typing import Any, TypeVar

from upsim.domain.entity import Entity
from upsim.domain.events import Event
from upsim.domain.faults import Fault, NotFound, Refused
from upsim.domain.query import Query
from upsim.domain.tenant import Tenant
from upsim.storage._sql.changes import ChangeNumbers
from upsim.storage._sql.rows import instant, to_columns, to_entity, to_facts
from upsim.storage._sql.session import Rows, Session
from upsim.storage._sql.statements import select, statements

E = TypeVar("E", bound=Entity)

_SQL = statements()
_PRUNE_EVERY_CHANGES = 1024


class SqlTransaction:
    """A `Transaction`. Changes are kept until the unit asks for entities of a kind that it changed, or ends."""

    def __init__(
        self,
        session: Session,
        numbers: ChangeNumbers,
        tenant_id: str,
        tenant: Tenant | None,
        real_now: datetime,
        as_of: int | None = None,
    ) -> None:
        self._session = session
        self._numbers = numbers
        self._tenant = tenant
        self._as_of = as_of
        self._changed: dict[tuple[str, str], Entity | None] = {}
        self._events: list[Event] = []
        self._derived = 0
        self._number: int | None = None
        self.tenant_id = tenant_id
        self.now = tenant.clock.read(real_now) if tenant else real_now

    @property
    def tenant(self) -> Tenant:
        if self._tenant is None:
            raise NotFound("tenant", self.tenant_id)
        return self._tenant

    @property
    def change_number(self) -> int:
        """The number of the tenant's latest change, or of this unit's own."""
        if self._as_of is not None:
            return self._as_of
        if self._changed or self._events:
            return self._take_number()
        return self._number if self._number is not None else self._numbers.latest(self.tenant_id)

    def get(self, entity: type[E], identifier: str) -> E | None:
        key = (entity.kind, identifier)
        if key in self._changed:
            return self._changed[key]  # type: ignore[return-value]
        if self._as_of is None:
            row = self._execute("get", kind=entity.kind, id=identifier).fetchone()
        else:
            row = self._execute("get_as_of", kind=entity.kind, id=identifier, as_of=self._as_of).fetchone()
        return None if row is None else to_entity(entity, row[0])

    def find(self, query: Query[E]) -> list[E]:
        if any(kind == query.entity.kind for kind, _ in self._changed):
            self._flush()
        sql, parameters = select(query, self.tenant_id, self._as_of)  # type: ignore[arg-type]
        rows = self._session.execute(sql, parameters)
        if query.accepts is None:
            return [to_entity(query.entity, row[0]) for row in rows]
        return _accepted(query, rows)

    def first(self, query: Query[E]) -> E | None:
        found = self.find(query)
        return found[0] if found else None

    def tally(self, entity: type[E]) -> dict[str, int]:
        self._flush()
        return dict(self._execute("tally", kind=entity.kind).fetchall())

    def overdue(self) -> dict[str, int]:
        self._flush()
        return dict(self._execute("overdue", now=instant(self.now)).fetchall())

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
        rows = self._execute("expired", kind=entity.kind, now=instant(self.now), limit=limit).fetchall()
        expired = [to_entity(entity, body) for (body,) in rows]
        for item in expired:
            self.delete(item)
        return expired

    def wipe(self) -> None:
        self._changed.clear()
        for table in ("entities", "events", "counters", "changes"):
            self._execute(f"wipe_{table}")
        self._events.clear()
        self._number = 1
        self._derived = 0

    def claim(self, entity: type[E], limit: int, real_now: datetime, leased_until: datetime) -> list[E]:
        """Lease what is due and free (`services.ports.Store.claim`)."""
        rows = self._execute(
            "claim",
            kind=entity.kind,
            now=instant(self.now),
            real_now=instant(real_now),
            leased_until=instant(leased_until),
            limit=limit,
        ).fetchall()
        return [to_entity(entity, body) for (body,) in rows]

    def next_number(self, counter: str) -> int:
        row = self._execute("next_number", name=counter).fetchone()
        return int(row[0])

    def new_id(self) -> str:
        return str(uuid.UUID(bytes=self._derive(16), version=4))

    def new_secret(self, octets: int = 32) -> str:
        return base64.urlsafe_b64encode(self._derive(octets)).rstrip(b"=").decode()

    def finish(self) -> None:
        """The unit has ended well: write what is still held back, and count the change."""
        self._flush()
        for ordinal, event in enumerate(self._events, start=1):
            self._write_event(ordinal, event)
        if self._number is None:
            return
        self._numbers.keep(self.tenant_id, self._number)
        if self._number % _PRUNE_EVERY_CHANGES == 0:
            self._prune(self._number)

    def _flush(self) -> None:
        if not self._changed:
            return
        number = self._take_number()
        for (kind, identifier), entity in self._changed.items():
            self._execute("close", kind=kind, id=identifier, number=number)
            if entity is not None:
                self._execute("open", number=number, **to_columns(entity))
        self._changed.clear()

    def _write_event(self, ordinal: int, event: Event) -> None:
        self._execute(
            "emit",
            number=self._take_number(),
            ordinal=ordinal,
            at=instant(self.now),
            name=event.name,
            subject=event.subject,
            facts=to_facts(event.facts),
        )

    def _take_number(self) -> int:
        """The unit's change number; all that it changes carries the same."""
        if self._number is None:
            self._number = self._numbers.latest(self.tenant_id) + 1
        return self._number

    def _derive(self, octets: int) -> bytes:
        """Octets that depend only on the tenant's seed, the change and how many were derived before."""
        self._derived += 1
        number = self._take_number()
        seed = self._tenant.seed if self._tenant else ""
        text = f"{self.tenant_id}/{number}/{self._derived}"
        return hashlib.blake2b(text.encode(), key=seed.encode()[:64], digest_size=octets).digest()

    def _prune(self, number: int) -> None:
        horizon = number - (self._tenant.settings.history_changes_max if self._tenant else 0)
        for statement in ("prune_entities", "prune_events", "set_pruned"):
            self._execute(statement, horizon=horizon)

    def check_history(self) -> None:
        """Refuse a look further back than what is kept."""
        row = self._execute("pruned").fetchone()
        if self._as_of is not None and row is not None and self._as_of < row[0]:
            detail = f"Change {self._as_of} is no longer in the tenant's history, which begins at {row[0]}."
            raise Refused(Fault.GONE, detail, reason="history-pruned")

    def _execute(self, statement: str, /, **parameters: Any) -> Rows:
        return self._session.execute(_SQL[statement], {"tenant": self.tenant_id, **parameters})


def _accepted(query: Query[E], rows: Rows) -> list[E]:
    found: list[E] = []
    passed = 0
    for (body,) in rows:
        if query.limit is not None and len(found) >= query.limit:
            break
        entity = to_entity(query.entity, body)
        if query.accepts is not None and query.accepts(entity):
            passed += 1
            if passed > query.skip:
                found.append(entity)
    return found
