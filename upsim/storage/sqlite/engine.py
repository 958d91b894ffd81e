"""The store over SQLite.

Writes. Units that wait together run one after another on the writer's thread in one transaction, a savepoint
each so that a refused unit undoes only itself; one commit makes all of them durable (WAL, synchronous FULL),
and only then is each caller answered. Reads run inline on a connection of their own: a row by key costs less
than a hop to a thread.

Memory. Without a file there is nothing to sync, so units run inline on one connection, one at a time.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import aiosqlite

from upsim.domain.faults import Fault, NotFound, Refused
from upsim.domain.tenant import Tenant
from upsim.services.ports import SYSTEM, Unit
from upsim.storage._sql.rows import to_entity
from upsim.storage._sql.statements import SCHEMA_VERSION, schema, statements
from upsim.storage.sqlite.transaction import SqliteTransaction

T = TypeVar("T")

UNITS_PER_COMMIT_MAX = 256
UNITS_WAITING_MAX = 20_000
CACHED_STATEMENTS = 256


class StoreTooNewError(Exception):
    """The file was written by a newer upsim; opening it could lose what this one does not know."""


class _Waiting(NamedTuple):
    tenant_id: str
    unit: Unit[Any]
    answer: asyncio.Future[Any]


class _Outcome(NamedTuple):
    result: Any
    error: BaseException | None


class SqliteStore:
    """A `Store` in one SQLite file (`open_file`) or in memory (`open_memory`)."""

    def __init__(
        self, reader: sqlite3.Connection, writer: aiosqlite.Connection | None, now: Callable[[], datetime]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._now = now
        self._waiting: deque[_Waiting] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._tenants: dict[str, Tenant] = {}

    @classmethod
    def open_memory(cls, now: Callable[[], datetime]) -> "SqliteStore":
        """A store that ends with the process."""
        connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=CACHED_STATEMENTS)
        _prepare(connection)
        return cls(connection, None, now)

    @classmethod
    async def open_file(cls, path: Path, now: Callable[[], datetime]) -> "SqliteStore":
        """A store in a file that survives the process; raises `StoreTooNewError`."""
        writer = await aiosqlite.connect(path, isolation_level=None, cached_statements=CACHED_STATEMENTS)
        try:
            await _in_writer_thread(writer, _prepare_file)
        except BaseException:
            await writer.close()
            raise
        reader = sqlite3.connect(
            f"file:{path}?mode=ro", uri=True, isolation_level=None, cached_statements=CACHED_STATEMENTS
        )
        return cls(reader, writer, now)

    async def read(self, tenant_id: str, unit: Unit[T]) -> T:
        """Run a unit that changes nothing, on one snapshot."""
        self._reader.execute("BEGIN")
        try:
            return unit(self._transaction(self._reader, tenant_id, self._tenants))
        finally:
            self._reader.execute("ROLLBACK")

    async def write(self, tenant_id: str, unit: Unit[T]) -> T:
        """Run a unit and answer when its changes are committed; a refused unit leaves nothing behind."""
        if self._writer is None:
            (outcome,) = self._commit_together(self._reader, [(tenant_id, unit)])
            self._tenants.clear()
            return _answer(outcome)  # type: ignore[no-any-return]
        if len(self._waiting) >= UNITS_WAITING_MAX:
            raise Refused(Fault.UNAVAILABLE, "Too many changes are waiting to be stored.", retry_after_seconds=1)
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(tenant_id, unit, answer))
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain(self._writer))
        return await answer

    async def now(self, tenant_id: str) -> datetime:
        """The tenant's instant."""
        if tenant_id == SYSTEM:
            return self._now()
        return _tenant(self._reader, tenant_id, self._tenants).clock.read(self._now())

    async def close(self) -> None:
        """Commit what waits, then let go of the file."""
        if self._draining is not None:
            await self._draining
        self._reader.close()
        if self._writer is not None:
            await self._writer.close()

    async def _drain(self, writer: aiosqlite.Connection) -> None:
        while self._waiting:
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), UNITS_PER_COMMIT_MAX))]
            units = [(waiting.tenant_id, waiting.unit) for waiting in batch]
            try:
                outcomes = await _in_writer_thread(writer, self._commit_together, units)
            except sqlite3.Error as error:
                refusal = Refused(Fault.UNAVAILABLE, f"The store cannot take the change: {error}.")
                outcomes = [_Outcome(None, refusal)] * len(batch)
            if any(waiting.tenant_id == SYSTEM for waiting in batch):
                self._tenants.clear()  # on the loop's thread, where reads fill it
            for waiting, outcome in zip(batch, outcomes, strict=True):
                _settle(waiting.answer, outcome)

    def _commit_together(
        self, connection: sqlite3.Connection, units: list[tuple[str, Unit[Any]]]
    ) -> list[_Outcome]:
        tenants: dict[str, Tenant] = {}
        connection.execute("BEGIN IMMEDIATE")
        try:
            outcomes = []
            for tenant_id, unit in units:
                outcomes.append(self._run(connection, tenant_id, unit, tenants))
                if tenant_id == SYSTEM:
                    tenants.clear()
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return outcomes

    def _run(
        self, connection: sqlite3.Connection, tenant_id: str, unit: Unit[Any], tenants: dict[str, Tenant]
    ) -> _Outcome:
        connection.execute("SAVEPOINT unit")
        try:
            transaction = self._transaction(connection, tenant_id, tenants)
            outcome = _Outcome(unit(transaction), None)
            transaction.finish()
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001 - the unit's caller gets it
            connection.execute("ROLLBACK TO unit")
            outcome = _Outcome(None, error)
        connection.execute("RELEASE unit")
        return outcome

    def _transaction(
        self, connection: sqlite3.Connection, tenant_id: str, tenants: dict[str, Tenant]
    ) -> SqliteTransaction:
        tenant = None if tenant_id == SYSTEM else _tenant(connection, tenant_id, tenants)
        return SqliteTransaction(connection, tenant_id, tenant, self._now())


def _tenant(connection: sqlite3.Connection, tenant_id: str, known: dict[str, Tenant]) -> Tenant:
    tenant = known.get(tenant_id)
    if tenant is None:
        parameters = {"tenant": SYSTEM, "kind": Tenant.kind, "id": tenant_id}
        row = connection.execute(statements()["get"], parameters).fetchone()
        if row is None:
            raise NotFound("tenant", tenant_id)
        tenant = known[tenant_id] = to_entity(Tenant, row[0])
    return tenant


async def _in_writer_thread(writer: aiosqlite.Connection, work: Callable[..., T], *arguments: Any) -> T:
    """Run `work(connection, *arguments)` on the writer's thread.

    aiosqlite has no public call for a whole function, only for single statements; this is the one place that
    reaches for its private one.
    """
    return await writer._execute(work, writer._conn, *arguments)  # type: ignore[no-any-return, no-untyped-call]  # noqa: SLF001


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the schema, or refuse one from the future."""
    connection.executescript(schema())
    row = connection.execute("SELECT value FROM meta WHERE name = 'schema'").fetchone()
    if row is None:
        connection.execute("INSERT INTO meta (name, value) VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
    elif int(row[0]) > SCHEMA_VERSION:
        raise StoreTooNewError(
            f"The store has schema {row[0]}, this upsim knows {SCHEMA_VERSION}: use a newer upsim."
        )


def _prepare_file(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    _prepare(connection)


def _answer(outcome: _Outcome) -> Any:
    if outcome.error is not None:
        raise outcome.error
    return outcome.result


def _settle(answer: asyncio.Future[Any], outcome: _Outcome) -> None:
    if answer.done():  # the caller has gone; its change stays
        return
    if outcome.error is not None:
        answer.set_exception(outcome.error)
    else:
        answer.set_result(outcome.result)
