"""One unit's transaction over a SQLite connection."""

import base64
import hashlib
import sqlite3
import uuid
from datetime import datetime
from typing import Any, TypeVar

from upsim.domain.entity import Entity
from upsim.domain.events import Event
from upsim.domain.faults import NotFound
from upsim.domain.query import Query
from upsim.domain.tenant import Tenant
from upsim.storage._sql.rows import instant, to_columns, to_entity, to_facts
from upsim.storage._sql.statements import select, statements

E = TypeVar("E", bound=Entity)

_SQL = statements()
_PRUNE_EVERY_CHANGES = 1024


class SqliteTransaction:
    """A `Transaction`. Changes are kept until the unit asks a question of the whole table, or ends."""

    def __init__(
        self, connection: sqlite3.Connection, tenant_id: str, tenant: Tenant | None, real_now: datetime
    ) -> None:
        self._connection = connection
        self._tenant = tenant
        self._changed: dict[tuple[str, str], Entity | None] = {}
        self._events = 0
        self._derived = 0
        self._number: int | None = None
        self.tenant_id = tenant_id
        self.now = tenant.clock.read(real_now) if tenant else real_now

    @property
    def tenant(self) -> Tenant:
        if self._tenant is None:
            raise NotFound("tenant", self.tenant_id)
        return self._tenant

    def get(self, entity: type[E], identifier: str) -> E | None:
        key = (entity.kind, identifier)
        if key in self._changed:
            return self._changed[key]  # type: ignore[return-value]
        row = self._execute("get", kind=entity.kind, id=identifier).fetchone()
        return None if row is None else to_entity(entity, row[0])

    def find(self, query: Query[E]) -> list[E]:
        self._flush()
        sql, parameters = select(query, self.tenant_id)  # type: ignore[arg-type]
        rows = self._connection.execute(sql, parameters)
        if query.accepts is None:
            return [to_entity(query.entity, row[0]) for row in rows]
        return _accepted(query, rows)

    def first(self, query: Query[E]) -> E | None:
        found = self.find(query)
        return found[0] if found else None

    def put(self, entity: Entity) -> None:
        self._changed[entity.kind, entity.id] = entity

    def delete(self, entity: Entity) -> None:
        self._changed[entity.kind, entity.id] = None

    def emit(self, event: Event) -> None:
        self._events += 1
        self._execute(
            "emit",
            number=self._change_number(),
            ordinal=self._events,
            at=instant(self.now),
            name=event.name,
            subject=event.subject,
            facts=to_facts(event.facts),
        )

    def forget_expired(self, entity: type[E], limit: int = 16) -> list[E]:
        self._flush()
        rows = self._execute("expired", kind=entity.kind, now=instant(self.now), limit=limit).fetchall()
        expired = [to_entity(entity, body) for (body,) in rows]
        for item in expired:
            self.delete(item)
        return expired

    def next_number(self, counter: str) -> int:
        row = self._execute("next_number", name=counter).fetchone()
        return int(row[0])

    def new_id(self) -> str:
        return str(uuid.UUID(bytes=self._derive(16), version=4))

    def new_secret(self, octets: int = 32) -> str:
        return base64.urlsafe_b64encode(self._derive(octets)).rstrip(b"=").decode()

    def finish(self) -> None:
        """Write what is still held back."""
        self._flush()
        if self._number is not None and self._number % _PRUNE_EVERY_CHANGES == 0:
            self._prune(self._number)

    def _flush(self) -> None:
        if not self._changed:
            return
        number = self._change_number()
        for (kind, identifier), entity in self._changed.items():
            self._execute("close", kind=kind, id=identifier, number=number)
            if entity is not None:
                self._execute("open", number=number, **to_columns(entity))
        self._changed.clear()

    def _change_number(self) -> int:
        if self._number is None:
            row = self._execute("change_number").fetchone()
            self._number = (row[0] if row else 0) + 1
            self._execute("set_change_number", number=self._number)
        return self._number

    def _derive(self, octets: int) -> bytes:
        """Octets that depend only on the tenant's seed, the change and how many were derived before."""
        self._derived += 1
        number = self._change_number()
        seed = self._tenant.seed if self._tenant else ""
        text = f"{self.tenant_id}/{number}/{self._derived}"
        return hashlib.blake2b(text.encode(), key=seed.encode()[:64], digest_size=octets).digest()

    def _prune(self, number: int) -> None:
        kept = self._tenant.settings.history_changes_max if self._tenant else 0
        self._execute("prune_entities", horizon=number - kept)
        self._execute("prune_events", horizon=number - kept)

    def _execute(self, statement: str, /, **parameters: Any) -> sqlite3.Cursor:
        return self._connection.execute(_SQL[statement], {"tenant": self.tenant_id, **parameters})


def _accepted(query: Query[E], rows: sqlite3.Cursor) -> list[E]:
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
