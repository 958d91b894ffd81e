"""The writer's connection as the shared transaction sees it, with a memory for what it has read and written.

Nobody else writes the store, so what was read stays as it is until the writer itself changes it. Most of what a
unit asks for (printer, share, groups, subscriptions) has not changed since the unit before asked for it.
"""

import sqlite3
from collections.abc import Hashable, Iterable, Iterator
from itertools import chain
from typing import Any

from upsim.storage._sql.session import Rows
from upsim.storage._sql.statements import BOUNDS, is_list, statements

Parameters = dict[str, Any]
_Row = tuple[Any, ...]
_Kind = tuple[int, str]
"""A place and a kind of entity."""

REMEMBERED_MAX = 4096
"""Rows and lists of all tenants together; beyond it all are forgotten."""
LIST_MAX = 64
"""Rows of a list that is remembered."""

_SQL = statements()
_NO_ENTITIES = frozenset(_SQL[name] for name in ("emit", "next_number", "claim", "forget_blob"))
"""What changes nothing that a list or an entity's body shows."""


class SqliteSession:
    """Executes shared SQL for one unit after another, and what only reads as seldom as it can."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._entities: dict[_Kind, dict[str, _Rows]] = {}
        self._lists: dict[_Kind, dict[Hashable, _Rows]] = {}
        self._remembered = 0
        self._has_savepoint = False
        self._statements = {_SQL["get"]: self._get, _SQL["close"]: self._close, _SQL["open"]: self._open}

    def execute(self, sql: str, parameters: Parameters, /) -> Rows:
        known = self._statements.get(sql)
        if known is not None:
            return known(sql, parameters)
        if sql.startswith("SELECT"):
            return self._find(sql, parameters) if is_list(sql, parameters) else self._ask(sql, parameters)
        if sql not in _NO_ENTITIES:
            self.forget()
        return self._write(sql, parameters)

    def keep(self) -> None:
        """The unit was not refused."""
        if self._has_savepoint:
            self._connection.execute("RELEASE unit")
            self._has_savepoint = False

    def undo(self) -> None:
        """The unit was refused: as if it had not run."""
        if self._has_savepoint:
            self._connection.execute("ROLLBACK TO unit")
            self.keep()
            self.forget()

    def forget(self) -> None:
        """Something changed in a way that is not understood here."""
        self._entities.clear()
        self._lists.clear()
        self._remembered = 0

    def abandon(self) -> None:
        """The transaction was undone with all its units."""
        self._has_savepoint = False
        self.forget()

    def _get(self, sql: str, parameters: Parameters) -> Rows:
        entities = self._entities.get(_kind(parameters))
        found = entities.get(parameters["id"]) if entities is not None else None
        if found is None:
            found = _Rows(self._ask(sql, parameters).fetchall())
            self._remember_entity(parameters, found)
        return found

    def _find(self, sql: str, parameters: Parameters) -> Rows:
        if parameters["as_of"] is not None or not parameters.keys().isdisjoint(BOUNDS):
            return self._ask(sql, parameters)
        asked = (sql, *parameters.values())
        lists = self._lists.get(_kind(parameters))
        found = lists.get(asked) if lists is not None else None
        if found is None:
            rows = self._ask(sql, parameters)
            found = _Rows(rows.fetchmany(LIST_MAX + 1), rows)
            if len(found) <= LIST_MAX:
                self._remember()
                self._lists.setdefault(_kind(parameters), {})[asked] = found
        return found

    def _close(self, sql: str, parameters: Parameters) -> Rows:
        self._change(parameters, _Rows([]))
        return self._write(sql, parameters)

    def _open(self, sql: str, parameters: Parameters) -> Rows:
        self._change(parameters, _Rows([(parameters["body"],)]))
        return self._write(sql, parameters)

    def _change(self, parameters: Parameters, entity: "_Rows") -> None:
        self._lists.pop(_kind(parameters), None)
        self._remember_entity(parameters, entity)

    def _remember_entity(self, parameters: Parameters, entity: "_Rows") -> None:
        self._remember()
        self._entities.setdefault(_kind(parameters), {})[parameters["id"]] = entity

    def _remember(self) -> None:
        if self._remembered >= REMEMBERED_MAX:
            self.forget()
        self._remembered += 1

    def _write(self, sql: str, parameters: Parameters) -> Rows:
        if not self._has_savepoint:
            self._connection.execute("SAVEPOINT unit")
            self._has_savepoint = True
        return self._ask(sql, parameters)

    def _ask(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        return self._connection.execute(sql, parameters)


class _Rows:
    """Rows that were read already, and those that are left."""

    def __init__(self, read: list[_Row], left: Iterable[_Row] = ()) -> None:
        self._read = read
        self._left = left

    def __len__(self) -> int:
        return len(self._read)

    def fetchone(self) -> Any:
        return self._read[0] if self._read else None

    def fetchall(self) -> list[Any]:
        return [*self._read, *self._left]

    def __iter__(self) -> Iterator[Any]:
        return chain(self._read, self._left)


def _kind(parameters: Parameters) -> _Kind:
    return parameters["place"], parameters["kind"]
