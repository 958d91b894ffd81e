"""A psycopg connection as the shared transaction sees it."""

from typing import Any

from psycopg import Connection

from upsim.storage._sql.session import Rows
from upsim.storage.postgres.dialect import translated


class PostgresSession:
    """Executes shared SQL for one unit.

    A savepoint is set only when the unit changes something before its end, because only then can it be refused
    with a change already made. Most units read, decide, and write when nothing can go wrong any more.
    """

    def __init__(self, connection: Connection[Any], *, is_decided: bool = False) -> None:
        self._connection = connection
        self._has_savepoint = False
        self._is_decided = is_decided

    def execute(self, sql: str, parameters: dict[str, Any], /) -> Rows:
        if not (self._is_decided or self._has_savepoint or sql.startswith("SELECT")):
            self._connection.execute("SAVEPOINT unit")
            self._has_savepoint = True
        return self._connection.execute(translated(sql), parameters, binary=True)

    def keep(self) -> None:
        """The unit was not refused; what it still writes belongs to the whole transaction."""
        self._is_decided = True
        if self._has_savepoint:
            self._connection.execute("RELEASE unit")

    def undo(self) -> None:
        """The unit was refused: as if it had not run."""
        if self._has_savepoint:
            self._connection.execute("ROLLBACK TO unit")
