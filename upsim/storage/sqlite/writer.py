"""Units that change the store, many in one transaction."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from upsim.services.ports import Unit
from upsim.storage._sql.changes import ChangeNumbers
from upsim.storage._sql.statements import statements
from upsim.storage._sql.tenants import read_tenant
from upsim.storage._sql.transaction import SqlTransaction
from upsim.storage.batches import Outcome
from upsim.storage.sqlite.session import SqliteSession

_KEEP_BLOB = statements()["keep_blob"]


class Request(NamedTuple):
    """A unit and the tenant that it changes."""

    tenant_id: str
    unit: Unit[Any]
    is_long: bool = False


class Uncommitted(NamedTuple):
    """A transaction whose units have run: what became of them, and the blobs that were written ahead of them."""

    outcomes: list[Outcome]
    blobs: Iterable[str]


class Committed(NamedTuple):
    """What became of the units of a transaction."""

    outcomes: list[Outcome]
    latest: Mapping[str, int]
    """The latest change numbers of the tenants that they changed."""


class Writer:
    """The one that changes a store, so it knows the change numbers that it read or counted."""

    def __init__(self, connection: sqlite3.Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._now = now
        self._session = SqliteSession(connection)
        self._numbers = ChangeNumbers(connection)
        self.ahead: dict[str, bytes] = {}
        """Blobs to be written in the next transaction, before its units; in the one after it, if that fails."""

    def run(self, requests: list[Request]) -> Uncommitted:
        """Run every unit in one transaction, which `commit` ends; a refused one undoes only itself."""
        self._connection.execute("BEGIN IMMEDIATE")
        self._numbers.begin()
        real_now = self._now()
        with self._undone_by_failure():
            blobs = list(self.ahead.items())
            for key, octets in blobs:
                self._connection.execute(_KEEP_BLOB, {"key": key, "octets": octets})
            outcomes = [self._run(request, real_now) for request in requests]
            self._numbers.store()
        return Uncommitted(outcomes, [key for key, _ in blobs])

    def commit(self, ran: Uncommitted) -> Committed:
        """Make durable what was run."""
        with self._undone_by_failure():
            self._connection.execute("COMMIT")
        for key in ran.blobs:
            self.ahead.pop(key, None)
        latest = {changed: self._numbers.latest(changed) for changed in self._numbers.changed}
        return Committed(ran.outcomes, latest)

    @contextmanager
    def _undone_by_failure(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            self._session.abandon()
            self._numbers.abandon()
            if self._connection.in_transaction:  # where the disk is full, SQLite has undone it already
                self._connection.execute("ROLLBACK")
            raise

    def _run(self, request: Request, real_now: datetime) -> Outcome:
        try:
            record = read_tenant(self._connection, request.tenant_id)
            transaction = SqlTransaction(self._session, self._numbers, request.tenant_id, record, real_now)
            outcome = Outcome(request.unit(transaction))
            transaction.finish()
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001 - the unit's caller gets it
            self._session.undo()
            outcome = Outcome(None, error)
        else:
            self._session.keep()
        return outcome
