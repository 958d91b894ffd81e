"""What the units of one database transaction know and have left to write together.

A round trip to the server costs more than what it asks for. So a row or a list that one unit of a group has read
is not read again by the next, and what units write is kept back and written in a few statements that take many
rows. All of it ends with the transaction. A writing transaction holds its tenant's lock, and a reading one has a
snapshot, so nothing that is remembered can have changed meanwhile but by the group itself.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from psycopg import Connection

Key = tuple[int, str, str]
"""Place, kind and id of an entity."""
Parameters = dict[str, Any]

COLUMNS = ("place", "kind", "id", "since", "until", "parent", "owner", "key", "tag", "at", "due", "body")
_TYPES = {
    "place": "bigint",
    "since": "bigint",
    "until": "bigint",
    "at": "bigint",
    "due": "bigint",
    "body": "bytea",
}
_EVENT_COLUMNS = ("tenant", "number", "ordinal", "at", "name", "subject", "facts")
_EVENT_TYPES = {"number": "bigint", "ordinal": "bigint", "at": "bigint", "facts": "bytea"}


def _insert(table: str, columns: Iterable[str], types: dict[str, str]) -> str:
    arrays = ", ".join(f"%({name})s::{types.get(name, 'text')}[]" for name in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"  # noqa: S608 - names are ours


_OPEN = _insert("entity", COLUMNS, _TYPES)
_EMIT = _insert("event", _EVENT_COLUMNS, _EVENT_TYPES)
_CLOSE = (
    "UPDATE entity SET until = ended.number FROM unnest(%(place)s::bigint[], %(kind)s::text[], %(id)s::text[], "
    "%(number)s::bigint[]) AS ended (place, kind, id, number) WHERE entity.place = ended.place "
    "AND entity.kind = ended.kind AND entity.id = ended.id AND entity.until IS NULL"
)
_COUNT = (
    "INSERT INTO counter (tenant, name, since, value) VALUES (%(tenant)s, %(name)s, %(since)s, %(value)s) "
    "ON CONFLICT (tenant, name, since) DO UPDATE SET value = excluded.value"
)


class Found(NamedTuple):
    """A list that was read: what was asked, the bodies, and whose they are."""

    asked: Parameters
    bodies: list[bytes]
    ids: frozenset[str]

    def changes_without(self, key: Key) -> bool:
        """Whether it is another list where an entity's version ends. What a page skips is not among its ids."""
        place, kind, identifier = key
        is_of_kind = self.asked["place"] == place and self.asked["kind"] == kind
        return is_of_kind and (identifier in self.ids or self.asked.get("skip", 0) > 0)

    def changes_with(self, write: Parameters) -> bool:
        """Whether a version that begins makes it another list. Bounds are judged as `statements.select` does."""
        asked = self.asked
        for name in ("place", "kind", "parent", "owner", "key", "tag"):
            if name in asked and asked[name] != write[name]:
                return False
        if "after" in asked and not write["at"] > asked["after"]:
            return False
        due = write["due"]
        if "due_after" in asked and (due is None or due <= asked["due_after"]):
            return False
        return not ("due_by" in asked and (due is None or due > asked["due_by"]))


class Group:
    """Shared by the units of one database transaction, which run one after another."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection
        self.bodies: dict[Key, bytes | None] = {}
        self.found: dict[Any, Found] = {}
        self.counters: dict[tuple[str, str], int] = {}
        self._counted: dict[tuple[str, str, int], int] = {}
        self._kinds: set[str] = set()
        self._live: dict[Key, Parameters] = {}
        self._past: list[Parameters] = []
        self._ended: dict[Key, int] = {}
        self._events: list[Parameters] = []

    def keeps_back(self, kind: str) -> bool:
        """Whether something of the kind is not written yet."""
        return kind in self._kinds

    def close(self, key: Key, number: int) -> None:
        """A unit ended the live version of an entity."""
        self._kinds.add(key[1])
        row = self._live.pop(key, None)
        if row is not None:
            self._past.append({**row, "until": number})
        elif self.bodies.get(key, b"") is not None:  # it is there, or nobody has looked
            self._ended[key] = number
        self.bodies[key] = None
        self._forget([asked for asked, found in self.found.items() if found.changes_without(key)])

    def open(self, key: Key, row: Parameters) -> None:
        """A unit began a version of an entity."""
        self._kinds.add(key[1])
        self._live[key] = row
        self.bodies[key] = row["body"]
        self._forget([asked for asked, found in self.found.items() if found.changes_with(row)])

    def emit(self, row: Parameters) -> None:
        """A unit told an event."""
        self._events.append(row)

    def count(self, counter: tuple[str, str], number: int, value: int) -> None:
        """A unit took a counter's numbers up to this, in its change of that number."""
        self.counters[counter] = value
        self._counted[*counter, number] = value

    def write(self) -> None:
        """Write what was kept back."""
        execute = self.connection.execute
        if self._ended:
            places, kinds, ids = zip(*self._ended, strict=True)
            numbers = list(self._ended.values())
            execute(_CLOSE, {"place": list(places), "kind": list(kinds), "id": list(ids), "number": numbers})
        if rows := [*self._past, *self._live.values()]:
            execute(_OPEN, {name: [row.get(name) for row in rows] for name in COLUMNS})
        if self._events:
            execute(_EMIT, {name: [row[name] for row in self._events] for name in _EVENT_COLUMNS})
        for (tenant, name, since), value in self._counted.items():
            execute(_COUNT, {"tenant": tenant, "name": name, "since": since, "value": value})
        self._kinds.clear()
        self._ended.clear()
        self._past.clear()
        self._live.clear()
        self._events.clear()
        self._counted.clear()

    def forget_all(self) -> None:
        """Something changed in a way that is not understood here. Nothing may be kept back by now."""
        self.bodies.clear()
        self.found.clear()
        self.counters.clear()

    def _forget(self, stale: Iterable[Any]) -> None:
        for asked in stale:
            del self.found[asked]
