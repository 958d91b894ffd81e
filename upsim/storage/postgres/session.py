"""A psycopg connection as the shared transaction sees it: one unit among those of its group."""

from typing import Any

from psycopg import Connection

from upsim.storage._sql.session import Parameters, Rows
from upsim.storage._sql.statements import statements
from upsim.storage.postgres.dialect import translated
from upsim.storage.postgres.group import Found, Group, Key

_SQL = statements()
_COUNTER = "SELECT value FROM counter WHERE tenant = %(tenant)s AND name = %(name)s ORDER BY since DESC LIMIT 1"


class PostgresSession:
    """Executes shared SQL for one unit, as seldom as it can.

    What the unit writes is held until it has ended well, then handed to the group. It is written before that,
    behind a savepoint, only where the unit asks for something that the server alone can answer.
    """

    def __init__(self, group: Group) -> None:
        self._group = group
        self._connection: Connection[Any] = group.connection
        self._held: list[tuple[str, Parameters]] = []
        """Names of the statements `close`, `open` and `emit` with their parameters, in order."""
        self._bodies: dict[Key, bytes | None] = {}
        self._counters: dict[tuple[str, str], int] = {}
        self._number = 0
        self._has_savepoint = False

    def get(self, place: int, kind: str, identifier: str) -> bytes | None:
        key = (place, kind, identifier)
        for read in (self._bodies, self._group.bodies):
            if key in read:
                return read[key]
        row = self._ask(_SQL["get"], {"place": place, "kind": kind, "id": identifier}).fetchone()
        body = self._group.bodies[key] = None if row is None else row[0]
        return body

    def find(self, sql: str, parameters: Parameters) -> list[bytes]:
        asked = (sql, *parameters.items())
        kind = parameters["kind"]
        is_own = self._has_savepoint or any(row.get("kind") == kind for _, row in self._held)
        if not is_own and asked in self._group.found:
            return self._group.found[asked].bodies
        if is_own:
            self._write_held()
        elif self._group.keeps_back(kind):
            self._group.write()
        rows = self._ask(sql.replace("SELECT body", "SELECT body, id", 1), parameters).fetchall()
        bodies = [row[0] for row in rows]
        if not is_own:
            self._group.found[asked] = Found(parameters, bodies, frozenset(row[1] for row in rows))
        return bodies

    def close(self, parameters: Parameters) -> None:
        self._change("close", parameters, None)

    def open(self, parameters: Parameters) -> None:
        self._change("open", parameters, parameters["body"])

    def emit(self, parameters: Parameters) -> None:
        self._write("emit", parameters)

    def next_number(self, parameters: Parameters) -> int:
        if self._has_savepoint:
            return int(self._ask(_SQL["next_number"], parameters).fetchone()[0])
        counter = parameters["tenant"], parameters["name"]
        value = self._counters.get(counter, self._group.counters.get(counter))
        if value is None:
            row = self._connection.execute(_COUNTER, parameters).fetchone()
            value = self._group.counters[counter] = row[0] if row else 0
        self._counters[counter] = value + 1
        self._number = parameters["number"]
        return value + 1

    def execute(self, sql: str, parameters: Parameters) -> Rows:
        self._write_held()
        if sql.startswith("SELECT"):
            return self._ask(sql, parameters)
        self._set_savepoint()
        rows = self._ask(sql, parameters)
        self._bodies.clear()
        self._group.forget_all()
        return rows

    def keep(self) -> None:
        """The unit was not refused: what it holds is the group's to write."""
        if self._has_savepoint:
            self._connection.execute("RELEASE unit")
            self._has_savepoint = False
        for statement, row in self._held:
            if statement == "emit":
                self._group.emit(row)
            elif statement == "close":
                self._group.close(_key(row), row["number"])
            else:
                self._group.open(_key(row), {**row, "since": row["number"]})
        self._held.clear()
        for counter, value in self._counters.items():
            self._group.count(counter, self._number, value)

    def undo(self) -> None:
        """The unit was refused: as if it had not run."""
        self._held.clear()
        if self._has_savepoint:
            self._connection.execute("ROLLBACK TO unit")
            self._group.forget_all()

    def _change(self, statement: str, parameters: Parameters, body: bytes | None) -> None:
        key = _key(parameters)
        self._bodies[key] = body
        if self._has_savepoint:
            self._group.bodies.pop(key, None)  # read before this unit changed it
        self._write(statement, parameters)

    def _write(self, statement: str, parameters: Parameters) -> None:
        """Hold a statement, or run it where the unit's earlier ones have been run."""
        if self._has_savepoint:
            self._ask(_SQL[statement], parameters)
        else:
            self._held.append((statement, parameters))

    def _write_held(self) -> None:
        """Write what is held, the group's first; the unit's own can be undone."""
        self._group.write()
        if self._has_savepoint or not (self._held or self._counters):
            return
        self._set_savepoint()
        for statement, parameters in self._held:
            self._ask(_SQL[statement], parameters)
        self._held.clear()
        for (tenant, name), value in self._counters.items():
            self._group.count((tenant, name), self._number, value)
        self._counters.clear()
        self._group.write()
        self._group.forget_all()

    def _set_savepoint(self) -> None:
        if not self._has_savepoint:
            self._connection.execute("SAVEPOINT unit")
            self._has_savepoint = True

    def _ask(self, sql: str, parameters: Parameters) -> Rows:
        return self._connection.execute(translated(sql), parameters, binary=True)


def _key(parameters: Parameters) -> Key:
    return parameters["place"], parameters["kind"], parameters["id"]
