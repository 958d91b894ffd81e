"""The store over SQLite.

Writes. Units that wait together run one after another in one transaction, a savepoint for each that writes so that
a refused unit undoes only itself; one commit makes all of them durable (WAL, synchronous FULL), and only then is
each caller answered. They share one instant, as on PostgreSQL. They run inline, as threads that take turns in
Python cost more than they spare. The commit, which waits for the disk, has a thread, and so have long units. Reads
run inline too, on a connection of their own.

Memory. Without a file there is nothing to sync, so units run inline on one connection, one at a time.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from upsim.domain.entity import Entity
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.services.ports import SYSTEM, Unit
from upsim.storage._sql.changes import ChangeNumbers
from upsim.storage._sql.scan import scan
from upsim.storage._sql.statements import SCHEMA_VERSION, migrations, statements, too_new
from upsim.storage._sql.tenants import read_tenant
from upsim.storage._sql.transaction import SqlTransaction
from upsim.storage.batches import Batches, Outcome
from upsim.storage.cache import decode
from upsim.storage.errors import StoreError, StoreTooNewError
from upsim.storage.signals import Changes, Signals
from upsim.storage.sqlite.session import SqliteSession
from upsim.storage.sqlite.writer import Committed, Request, Writer

E = TypeVar("E", bound=Entity)
T = TypeVar("T")

CACHED_STATEMENTS = 256
MEMORY_PAGE_OCTETS = 8192
"""Of the store in memory: many rows at once, as of a fork, split fewer pages. A file logs them whole."""
BUSY_SECONDS = 1.0
"""How long others that look into the file, such as its shell, may hold it up."""
TOGETHER_MAX = 64
"""Units in a transaction: everybody else waits while they run."""
SCANNED_TOGETHER = 1000
"""Versions looked through at a time in memory, where the event loop waits for it."""


class _File(NamedTuple):
    """Where the store lies, and the one thread that waits for its disk."""

    path: Path
    thread: ThreadPoolExecutor

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run something on the thread."""
        return await asyncio.get_running_loop().run_in_executor(self.thread, work, *arguments)


class SqliteStore:
    """A `Store` in one SQLite file (`open_file`) or in memory (`open_memory`)."""

    def __init__(
        self,
        reader: sqlite3.Connection,
        writer: sqlite3.Connection,
        now: Callable[[], datetime],
        file: _File | None = None,
    ) -> None:
        self.engine = "SQLite in memory" if file is None else "SQLite file"
        self.retries: dict[str, int] = {}
        self._reader = reader
        self._reading = SqliteSession(reader)
        self._writer = Writer(writer, now)
        self._now = now
        self._file = file
        self._opened = AsyncExitStack()
        self._writes = Batches(self._write_together, batch_max=TOGETHER_MAX)
        self._signals = Signals()
        self._latest: dict[str, int] = {}

    @classmethod
    def open_memory(cls, now: Callable[[], datetime]) -> "SqliteStore":
        """A store that ends with the process."""
        connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=CACHED_STATEMENTS)
        connection.execute(f"PRAGMA page_size = {MEMORY_PAGE_OCTETS}")
        _spare_overwriting(connection)
        _migrate(connection)
        return cls(connection, connection, now)

    @classmethod
    async def open_file(cls, path: Path, now: Callable[[], datetime]) -> "SqliteStore":
        """A store in a file that survives the process; raises `StoreError`."""
        async with AsyncExitStack() as stack:
            stack.callback(os.close, _lock(path))
            file = _File(path, stack.enter_context(ThreadPoolExecutor(1, "upsim-commit")))
            try:
                writer = await file.run(_open_writer, path)
                stack.push_async_callback(file.run, writer.close)
                reader = _open_reader(path)
            except sqlite3.Error as error:
                raise StoreError(f"The store {path} cannot be used: {error}.") from error
            store = cls(reader, writer, now, file)
            store._opened = stack.pop_all()
        return store

    async def read(self, tenant_id: str, unit: Unit[T], *, as_of: int | None = None) -> T:
        """Run a unit that changes nothing, on one snapshot."""
        if self._file is None:  # nothing can come between: units run one at a time
            return self._read(tenant_id, unit, as_of)
        self._reader.execute("BEGIN")
        try:
            return self._read(tenant_id, unit, as_of)
        finally:
            self._reader.execute("ROLLBACK")

    def _read(self, tenant_id: str, unit: Unit[T], as_of: int | None) -> T:
        numbers, record = ChangeNumbers(self._reader), read_tenant(self._reader, tenant_id)
        transaction = SqlTransaction(self._reading, numbers, tenant_id, record, self._now(), as_of)
        if as_of is not None:
            transaction.check_history(as_of)
        return unit(transaction)

    async def write(self, tenant_id: str, unit: Unit[T], *, is_long: bool = False) -> T:
        """Run a unit and answer when its changes are committed; a refused unit leaves nothing behind."""
        request = Request(tenant_id, unit, is_long)
        if self._file is not None:
            return await self._writes.submit(request)  # type: ignore[no-any-return]
        (outcome,) = self._tell(self._writer.commit(self._writer.run([request])))
        return outcome.unwrap()  # type: ignore[no-any-return]

    @property
    def ahead(self) -> dict[str, bytes]:
        """Blobs that are written ahead of whatever is committed next, so nothing names one that is not there."""
        return self._writer.ahead

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
        if self._file is None:
            return await self._scan_memory(tenant_id, entity, take)
        return await asyncio.to_thread(_scan_file, self._file.path, tenant_id, entity, take)

    async def _scan_memory(self, tenant_id: str, entity: type[E], take: Callable[[E], Iterable[T]]) -> set[T]:
        """In slices, between which others have their turn; what ends meanwhile is met among the ended."""
        found: set[T] = set()
        rows = self._reader.execute(statements()["versions"], {"tenant": tenant_id, "kind": entity.kind})
        while bodies := rows.fetchmany(SCANNED_TOGETHER):
            found.update(item for (body,) in bodies for item in take(decode(entity, body)))
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
        tenant, _ = read_tenant(self._reader, tenant_id)
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
        await self._opened.aclose()

    async def _write_together(self, requests: list[Request]) -> list[Outcome]:
        assert self._file is not None  # noqa: S101 - only a file has a queue
        try:
            if any(request.is_long for request in requests):
                ran = await self._file.run(self._writer.run, requests)
            else:
                ran = self._writer.run(requests)
            committed = await self._file.run(self._writer.commit, ran)
        except sqlite3.Error as error:
            detail = f"The store cannot take the change: {error}."
            raise Refusal(RefusalKind.UNAVAILABLE, detail, retry_after_seconds=1) from error
        return self._tell(committed)

    def _tell(self, committed: Committed) -> list[Outcome]:
        """Note what has changed, here on the loop's thread, and wake who waits."""
        self._latest.update(committed.latest)
        self._signals.fire(committed.latest)
        return committed.outcomes


def _lock(path: Path) -> int:
    """Hold a store against other servers, which would not see each other's changes, while this is open."""
    try:
        held = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"The store {path} cannot be used: {error.strerror}.") from error
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(held)
        raise StoreError(
            f"The store {path} is in use by another server: stop that, or give this one a data folder of its own."
        ) from error
    return held


def _open_reader(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{path}?mode=ro", uri=True, isolation_level=None, cached_statements=CACHED_STATEMENTS
    )


def _scan_file(path: Path, tenant_id: str, entity: type[E], take: Callable[[E], Iterable[T]]) -> set[T]:
    with closing(_open_reader(path)) as connection:
        return scan(connection, tenant_id, entity, take)


def _open_writer(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        cached_statements=CACHED_STATEMENTS,
        check_same_thread=False,  # the event loop's thread runs units on it while the other has nothing to do
    )
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        _spare_overwriting(connection)
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


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
