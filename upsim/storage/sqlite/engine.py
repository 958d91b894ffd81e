"""The store over SQLite.

Writes. Units that wait together run one after another on the writer's thread in one transaction, a savepoint
each so that a refused unit undoes only itself; one commit makes all of them durable (WAL, synchronous FULL),
and only then is each caller answered. They share one instant, as on PostgreSQL. Reads run inline on a connection
of their own: a row by key costs less than a hop to a thread.

Memory. Without a file there is nothing to sync, so units run inline on one connection, one at a time.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Hashable, Iterable, Mapping
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import aiosqlite
import msgspec

from upsim.domain.entity import Entity
from upsim.domain.faults import Fault, NotFound, Refused
from upsim.domain.tenant import Tenant
from upsim.services.ports import SYSTEM, Transaction, Unit
from upsim.storage._sql.changes import ChangeNumbers
from upsim.storage._sql.places import Placed, look_up
from upsim.storage._sql.scan import scan
from upsim.storage._sql.statements import SCHEMA_VERSION, migrations, statements, too_new
from upsim.storage._sql.transaction import SqlTransaction
from upsim.storage.batches import Batches, Outcome
from upsim.storage.errors import StoreError, StoreTooNewError
from upsim.storage.recollections import EVERYTHING, Recollection, Recollections
from upsim.storage.signals import Changes, Signals

E = TypeVar("E", bound=Entity)
T = TypeVar("T")

CACHED_STATEMENTS = 256
MEMORY_PAGE_OCTETS = 8192
"""Of the store in memory: many rows at once, as of a fork, split fewer pages. A file logs them whole."""
SCANNED_TOGETHER = 1000
"""Versions looked through at a time in memory, where the event loop waits for it."""


class _Request(NamedTuple):
    tenant_id: str
    unit: Unit[Any]


class SqliteStore:
    """A `Store` in one SQLite file (`open_file`) or in memory (`open_memory`)."""

    def __init__(
        self,
        reader: sqlite3.Connection,
        writer: aiosqlite.Connection | None,
        now: Callable[[], datetime],
        path: Path | None = None,
    ) -> None:
        self.engine = "SQLite in memory" if writer is None else "SQLite file"
        self.retries: dict[str, int] = {}
        self._reader = reader
        self._writer = writer
        self._now = now
        self._path = path
        self._writes = Batches(self._write_together)
        self._signals = Signals()
        self._recollections = Recollections()
        self._tenants: dict[str, Placed] = {}
        self._latest: dict[str, int] = {}

    @classmethod
    def open_memory(cls, now: Callable[[], datetime]) -> "SqliteStore":
        """A store that ends with the process."""
        connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=CACHED_STATEMENTS)
        connection.execute(f"PRAGMA page_size = {MEMORY_PAGE_OCTETS}")
        _spare_overwriting(connection)
        _migrate(connection)
        return cls(connection, None, now)

    @classmethod
    async def open_file(cls, path: Path, now: Callable[[], datetime]) -> "SqliteStore":
        """A store in a file that survives the process; raises `StoreError`."""
        try:
            writer = await aiosqlite.connect(path, isolation_level=None, cached_statements=CACHED_STATEMENTS)
        except sqlite3.Error as error:
            raise StoreError(f"The store {path} cannot be opened: {error}.") from error
        try:
            await _in_writer_thread(writer, _prepare_file)
        except sqlite3.Error as error:
            await writer.close()
            raise StoreError(f"The store {path} cannot be used: {error}.") from error
        except BaseException:
            await writer.close()
            raise
        return cls(_open_reader(path), writer, now, path)

    async def read(self, tenant_id: str, unit: Unit[T], *, as_of: int | None = None) -> T:
        """Run a unit that changes nothing, on one snapshot."""
        if self._writer is None:  # nothing can come between: units run one at a time
            return self._read(tenant_id, unit, as_of)
        self._reader.execute("BEGIN")
        try:
            return self._read(tenant_id, unit, as_of)
        finally:
            self._reader.execute("ROLLBACK")

    async def recall(self, tenant_id: str, key: Hashable, unit: Unit[T]) -> T:
        """As `read`, or what a unit with this key read since anything that it looked at last changed."""
        kept = self._recollections.of(tenant_id)
        found = kept.find(key)
        if found is None:
            since, looked_at = kept.turn, set[str]()

            def watched(tx: Transaction) -> T:
                result = unit(tx)
                looked_at.update(tx.looked_at)  # type: ignore[attr-defined]
                return result

            result = await self.read(tenant_id, watched)
            found = Recollection(result, frozenset(looked_at), since)
            kept.keep(key, found)
        return found.result  # type: ignore[no-any-return]

    def _read(self, tenant_id: str, unit: Unit[T], as_of: int | None) -> T:
        numbers = ChangeNumbers(self._reader)
        transaction = self._transaction(self._reader, numbers, tenant_id, self._tenants, self._now(), as_of)
        if as_of is not None:
            transaction.check_history(as_of)
        return unit(transaction)

    async def write(self, tenant_id: str, unit: Unit[T]) -> T:
        """Run a unit and answer when its changes are committed; a refused unit leaves nothing behind."""
        request = _Request(tenant_id, unit)
        if self._writer is not None:
            return await self._writes.submit(request)  # type: ignore[no-any-return]
        (outcome,), changed = self._commit_together(self._reader, [request])
        self._tell(changed)
        return outcome.unwrap()  # type: ignore[no-any-return]

    async def claim(
        self, tenant_id: str, entity: type[E], *, limit: int = 16, lease_seconds: float = 30.0
    ) -> list[E]:
        """Lease due entities; one writer at a time, so nothing can be locked."""
        real_now = self._now()

        def unit(tx: SqlTransaction) -> list[E]:
            return tx.claim(entity, limit, real_now, real_now + timedelta(seconds=lease_seconds))

        return await self.write(tenant_id, unit)  # type: ignore[arg-type]

    async def scan(self, tenant_id: str, entity: type[E], take: Callable[[E], Iterable[T]]) -> set[T]:
        """Go through a file in a thread, on a connection of its own."""
        if self._path is None:
            return await self._scan_memory(tenant_id, entity, take)
        return await asyncio.to_thread(_scan_file, self._path, tenant_id, entity, take)

    async def _scan_memory(self, tenant_id: str, entity: type[E], take: Callable[[E], Iterable[T]]) -> set[T]:
        """In slices, between which others have their turn; what ends meanwhile is met among the ended."""
        found: set[T] = set()
        decoder = msgspec.json.Decoder(entity)
        rows = self._reader.execute(statements()["versions"], {"tenant": tenant_id, "kind": entity.kind})
        while bodies := rows.fetchmany(SCANNED_TOGETHER):
            found.update(item for (body,) in bodies for item in take(decoder.decode(body)))
            await asyncio.sleep(0)  # noqa: TID251 - no time passes
        return found

    def changes(self, tenant_id: str) -> Changes:
        """A subscription to a tenant's changes."""
        return self._signals.changes(tenant_id)

    async def now(self, tenant_id: str) -> datetime:
        """The tenant's instant."""
        return self._now() if tenant_id == SYSTEM else (await self.tenant(tenant_id)).clock.read(self._now())

    async def tenant(self, tenant_id: str) -> Tenant:
        """The tenant, as every call needs it."""
        tenant, _ = look_up(self._reader, tenant_id, self._tenants)
        if tenant is None:
            raise NotFound("tenant", tenant_id)
        return tenant

    def latest_change(self, tenant_id: str) -> int:
        """The number of the tenant's latest change."""
        number = self._latest.get(tenant_id)
        if number is None:
            number = self._latest[tenant_id] = ChangeNumbers(self._reader).latest(tenant_id)
        return number

    async def check(self) -> None:
        """A file that could be opened is there."""

    async def close(self) -> None:
        """Commit what waits, then let go of the file."""
        await self._writes.close()
        self._reader.close()
        if self._writer is not None:
            await self._writer.close()

    async def _write_together(self, requests: list[_Request]) -> list[Outcome]:
        assert self._writer is not None  # noqa: S101 - only a file has a queue
        try:
            outcomes, changed = await _in_writer_thread(self._writer, self._commit_together, requests)
        except sqlite3.Error as error:
            detail = f"The store cannot take the change: {error}."
            raise Refused(Fault.UNAVAILABLE, detail, retry_after_seconds=1) from error
        self._tell(changed)
        return outcomes

    def _tell(self, changed: Mapping[str, int]) -> None:
        self._latest.update(changed)
        if SYSTEM in changed:
            # Here, on the loop's thread, where reads fill both; since the commit they used the tenants of before.
            self._tenants.clear()
            self._recollections.forget({SYSTEM: (EVERYTHING,)})
        self._signals.fire(changed)

    def _commit_together(
        self, connection: sqlite3.Connection, requests: list[_Request]
    ) -> tuple[list[Outcome], Mapping[str, int]]:
        """Run every unit in one transaction; the outcomes, and where the tenants that changed stand."""
        tenants: dict[str, Placed] = {}
        numbers = ChangeNumbers(connection)
        connection.execute("BEGIN IMMEDIATE")
        real_now = self._now()
        try:
            outcomes = [self._run(connection, numbers, request, tenants, real_now) for request in requests]
            numbers.store()
            connection.execute("COMMIT")
            self._recollections.forget(numbers.changed)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return outcomes, {changed: numbers.latest(changed) for changed in numbers.changed}

    def _run(
        self,
        connection: sqlite3.Connection,
        numbers: ChangeNumbers,
        request: _Request,
        tenants: dict[str, Placed],
        real_now: datetime,
    ) -> Outcome:
        connection.execute("SAVEPOINT unit")
        try:
            transaction = self._transaction(connection, numbers, request.tenant_id, tenants, real_now)
            outcome = Outcome(request.unit(transaction))
            transaction.finish()
        except sqlite3.Error:
            raise
        except Exception as error:  # noqa: BLE001 - the unit's caller gets it
            connection.execute("ROLLBACK TO unit")
            outcome = Outcome(None, error)
        if request.tenant_id == SYSTEM:
            tenants.clear()
        connection.execute("RELEASE unit")
        return outcome

    def _transaction(
        self,
        connection: sqlite3.Connection,
        numbers: ChangeNumbers,
        tenant_id: str,
        tenants: dict[str, Placed],
        real_now: datetime,
        as_of: int | None = None,
    ) -> SqlTransaction:
        placed = look_up(connection, tenant_id, tenants)
        return SqlTransaction(connection, numbers, tenant_id, placed, real_now, as_of)


def _open_reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{path}?mode=ro", uri=True, isolation_level=None, cached_statements=CACHED_STATEMENTS
    )


def _scan_file(path: Path, tenant_id: str, entity: type[E], take: Callable[[E], Iterable[T]]) -> set[T]:
    with closing(_open_reader(path)) as connection:
        return scan(connection, tenant_id, entity, take)


async def _in_writer_thread(writer: aiosqlite.Connection, work: Callable[..., T], *arguments: Any) -> T:
    """Run `work(connection, *arguments)` on the writer's thread.

    aiosqlite has no public call for a whole function, only for single statements; this is the one place that
    reaches for its private one.
    """
    return await writer._execute(work, writer._conn, *arguments)  # type: ignore[no-any-return, no-untyped-call]  # noqa: SLF001


def _prepare_file(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    _spare_overwriting(connection)
    _migrate(connection)


def _spare_overwriting(connection: sqlite3.Connection) -> None:
    """Let deleted rows lie as they are: Debian's SQLite zeroes them, a fourth of what a reset or rewind costs."""
    connection.execute("PRAGMA secure_delete = OFF").fetchall()


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring an empty or older store to the schema that this upsim knows, at once; refuse a newer one."""
    version = _schema_version(connection)
    if version > SCHEMA_VERSION:
        raise StoreTooNewError(too_new(version))
    if version == SCHEMA_VERSION:
        return
    stamp = f"{statements()['set_schema_version'].replace(':version', str(SCHEMA_VERSION))};"
    connection.executescript("\n".join(["BEGIN IMMEDIATE;", *migrations(version), stamp, "COMMIT;"]))


def _schema_version(connection: sqlite3.Connection) -> int:
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        return 0
    row = connection.execute(statements()["schema_version"]).fetchone()
    return int(row[0]) if row else 0
