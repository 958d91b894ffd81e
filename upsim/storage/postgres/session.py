"""A psycopg connection as the shared transaction sees it: one unit among those of its group."""

from collections.abc import Callable, Iterator
from typing import Any

from psycopg import Connection

from upsim.storage._sql.session import Rows
from upsim.storage._sql.statements import is_list, statements
from upsim.storage.postgres.dialect import translated
from upsim.storage.postgres.group import Found, Group, Key, Parameters

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
        self._bodies: dict[Key, bytes | None] = {}
        self._counters: dict[tuple[str, str], int] = {}
        self._number = 0
        self._has_savepoint = False
        self._statements: dict[str, Callable[[str, Parameters], Rows]] = {
            _SQL["get"]: self._get,
            _SQL["close"]: self._hold,
            _SQL["open"]: self._hold,
            _SQL["emit"]: self._hold,
            _SQL["next_number"]: self._next_number,
        }

    def execute(self, sql: str, parameters: Parameters, /) -> Rows:
        known = self._statements.get(sql)
        if known is not None:
            return known(sql, parameters)
        if is_list(sql, parameters):
            return self._find(sql, parameters)
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
        for sql, row in self._held:
            if sql == _SQL["emit"]:
                self._group.emit(row)
            elif sql == _SQL["close"]:
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

    def _get(self, sql: str, parameters: Parameters) -> Rows:
        key = _key(parameters)
        for known in (self._bodies, self._group.bodies):
            if key in known:
                return _one(known[key])
        row = self._ask(sql, parameters).fetchone()
        body = self._group.bodies[key] = None if row is None else row[0]
        return _one(body)

    def _find(self, sql: str, parameters: Parameters) -> Rows:
        asked = (sql, *parameters.items())
        kind = parameters["kind"]
        is_own = self._has_savepoint or any(row.get("kind") == kind for _, row in self._held)
        if not is_own and asked in self._group.found:
            return _List(self._group.found[asked].bodies)
        if is_own:
            self._write_held()
        elif self._group.keeps_back(kind):
            self._group.write()
        rows = self._ask(sql.replace("SELECT body", "SELECT body, id", 1), parameters).fetchall()
        bodies = [row[0] for row in rows]
        if not is_own:
            self._group.found[asked] = Found(parameters, bodies, frozenset(row[1] for row in rows))
        return _List(bodies)

    def _hold(self, sql: str, parameters: Parameters) -> Rows:
        if sql != _SQL["emit"]:
            self._bodies[_key(parameters)] = parameters.get("body")
        if self._has_savepoint:
            if sql != _SQL["emit"]:
                self._group.bodies.pop(_key(parameters), None)  # read before this unit changed it
            return self._ask(sql, parameters)
        self._held.append((sql, parameters))
        return _NOTHING

    def _next_number(self, sql: str, parameters: Parameters) -> Rows:
        if self._has_savepoint:
            return self._ask(sql, parameters)
        counter = parameters["tenant"], parameters["name"]
        value = self._counters.get(counter, self._group.counters.get(counter))
        if value is None:
            row = self._connection.execute(_COUNTER, parameters).fetchone()
            value = self._group.counters[counter] = row[0] if row else 0
        self._counters[counter] = value + 1
        self._number = parameters["number"]
        return _List([value + 1])

    def _write_held(self) -> None:
        """Let the server know all that is held, the group's first; the unit's own can be undone."""
        self._group.write()
        if self._has_savepoint or not (self._held or self._counters):
            return
        self._set_savepoint()
        for sql, parameters in self._held:
            self._ask(sql, parameters)
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


class _List:
    """Rows of one column that were read already."""

    def __init__(self, values: list[Any]) -> None:
        self._values = values

    def fetchone(self) -> Any:
        return (self._values[0],) if self._values else None

    def fetchall(self) -> list[Any]:
        return [(value,) for value in self._values]

    def __iter__(self) -> Iterator[Any]:
        return ((value,) for value in self._values)


_NOTHING = _List([])


def _one(body: bytes | None) -> Rows:
    return _NOTHING if body is None else _List([body])


def _key(parameters: Parameters) -> Key:
    return parameters["place"], parameters["kind"], parameters["id"]
