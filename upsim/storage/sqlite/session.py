"""A connection to SQLite as the shared transaction sees it."""

import sqlite3
from collections.abc import Iterator

from upsim.storage._sql.session import Parameters
from upsim.storage._sql.statements import statements

_SQL = statements()
_GET, _CLOSE, _OPEN, _EMIT, _NEXT_NUMBER = (_SQL[name] for name in ("get", "close", "open", "emit", "next_number"))


class SqliteSession:
    """Executes shared SQL for one unit after another. A unit's first write sets a savepoint, to undo it alone."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._has_savepoint = False

    def get(self, place: int, kind: str, identifier: str) -> bytes | None:
        row = self._connection.execute(_GET, {"place": place, "kind": kind, "id": identifier}).fetchone()
        return None if row is None else row[0]

    def find(self, sql: str, parameters: Parameters) -> Iterator[bytes]:
        return (body for (body,) in self._connection.execute(sql, parameters))

    def close(self, parameters: Parameters) -> None:
        self._write(_CLOSE, parameters)

    def open(self, parameters: Parameters) -> None:
        self._write(_OPEN, parameters)

    def emit(self, parameters: Parameters) -> None:
        self._write(_EMIT, parameters)

    def next_number(self, parameters: Parameters) -> int:
        return int(self._write(_NEXT_NUMBER, parameters).fetchone()[0])

    def execute(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        is_read = sql.startswith("SELECT")
        return self._connection.execute(sql, parameters) if is_read else self._write(sql, parameters)

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

    def abandon(self) -> None:
        """The transaction was undone with all its units."""
        self._has_savepoint = False

    def _write(self, sql: str, parameters: Parameters) -> sqlite3.Cursor:
        if not self._has_savepoint:
            self._connection.execute("SAVEPOINT unit")
            self._has_savepoint = True
        return self._connection.execute(sql, parameters)
