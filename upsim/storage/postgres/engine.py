"""The store over PostgreSQL, for several nodes on one database.

Units are plain functions, so they run in threads, each with a connection of the pool. As in the embedded engine,
units that wait together run in one transaction with one commit, and each caller is answered after it. A round trip
costs most, so units of a group share what they read, and what they write goes to the server together (`group.py`).

Writes. A transaction changes one tenant and first takes that tenant's advisory lock, so units of one tenant run
one after another on whichever node they are: nothing is lost, counters have no gaps, a limit that was counted
holds. Tenants do not wait for each other. The units of a group share one instant, which is read when the lock is
held: what one of them asked to be due until now is known to the next.

Reads. They share a snapshot (repeatable read) that is taken after all of them were asked for.

Tenants. Every transaction reads those of its units as it begins, in the same round trip. So another node's change
counts from the next unit on.

Failure. A conflict, or a connection that broke before the commit, is tried again. One that breaks during the
commit is not: nobody knows what became of it, so its callers are told to look.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg import Connection, errors, sql
from psycopg_pool import ConnectionPool, PoolTimeout

from upsim.domain.entity import Entity
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.services.ports import SYSTEM, Unit
from upsim.storage._sql.changes import ChangeNumbers
from upsim.storage._sql.scan import scan
from upsim.storage._sql.tenants import SYSTEM_RECORD, TenantRecord
from upsim.storage._sql.transaction import SqlTransaction
from upsim.storage.batches import Batches, Outcome
from upsim.storage.cache import CACHE
from upsim.storage.postgres.group import Group
from upsim.storage.postgres.listener import Listener
from upsim.storage.postgres.opening import checked, described, prepare
from upsim.storage.postgres.session import PostgresSession
from upsim.storage.signals import Changes, Signals

E = TypeVar("E", bound=Entity)
T = TypeVar("T")

UNITS_PER_COMMIT_MAX = 64
"""More savepoints than this in one transaction slow every reader of its rows down."""
TENANTS_TOGETHER_MAX = 1024
ATTEMPTS_MAX = 5
IDLE_IN_TRANSACTION_SECONDS = 10
"""A node that stands still in a transaction loses it, and the tenant's lock with it."""

_TENANTS = (
    "SELECT id, body, number FROM entity JOIN place ON place.tenant = entity.id "
    "WHERE place = 0 AND kind = 'tenant' AND until IS NULL AND id = ANY({})"
)
_RETRIED = (errors.SerializationFailure, errors.DeadlockDetected, errors.LockNotAvailable)


class PoolSettings(NamedTuple):
    """How many connections a node holds, and how long a request waits for one before it is refused."""

    connections_max: int = 8
    timeout_seconds: float = 5.0


class _Request(NamedTuple):
    tenant_id: str
    unit: Unit[Any]
    as_of: int | None = None


_Serve = Callable[[Connection[Any], Sequence[_Request]], list[Outcome]]


class PostgresStore:
    """A `Store` in a PostgreSQL schema. `open` connects; raises `StoreError`."""

    def __init__(
        self, url: str, version: str, schema: str, now: Callable[[], datetime], pool: PoolSettings
    ) -> None:
        self.engine = f"PostgreSQL {version}"
        self.retries: Counter[str] = Counter()
        self._where = described(url)
        self._now = now
        self._channel = f"upsim_{schema}"
        readers = max(1, pool.connections_max // 2)
        writers = max(1, pool.connections_max - readers)
        self._readers = ThreadPoolExecutor(readers, "upsim-read")
        self._writers = ThreadPoolExecutor(writers, "upsim-write")
        self._reads = Batches(self._serve_reads, lanes=readers, batch_max=UNITS_PER_COMMIT_MAX)
        self._tenants = Batches(self._serve_tenants, batch_max=TENANTS_TOGETHER_MAX)
        self._writes: dict[str, Batches[_Request]] = {}
        self._signals = Signals()
        self._latest: dict[str, int] = {}
        self._listener = Listener(url, self._channel, self._signals.fire)
        self._pool = ConnectionPool(
            url,
            min_size=1,
            max_size=readers + writers,
            timeout=pool.timeout_seconds,
            kwargs={"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3},
            configure=lambda connection: _configure(connection, pool.timeout_seconds),
            reconnect_timeout=2.0,
            open=False,
        )

    @classmethod
    async def open(
        cls, url: str, now: Callable[[], datetime], pool: PoolSettings | None = None
    ) -> "PostgresStore":
        """Connect, bring the schema up to date and listen."""
        pool = pool or PoolSettings()
        version, schema = await asyncio.to_thread(prepare, checked(url), pool.timeout_seconds)
        store = cls(url, version, schema, now, pool)
        await asyncio.to_thread(store._pool.open, wait=True, timeout=pool.timeout_seconds)
        store._listener.start()
        return store

    async def read(self, tenant_id: str, unit: Unit[T], *, as_of: int | None = None) -> T:
        """Run a unit that changes nothing, on one snapshot."""
        return await self._reads.submit(_Request(tenant_id, unit, as_of))  # type: ignore[no-any-return]

    async def write(self, tenant_id: str, unit: Unit[T], *, is_long: bool = False) -> T:  # noqa: ARG002
        """Run a unit and answer when its changes are committed; a refused unit leaves nothing behind.

        All units run in threads, whether they are long or not.
        """
        queue = self._writes.get(tenant_id)
        if queue is None:
            queue = self._writes[tenant_id] = Batches(self._serve_writes, batch_max=UNITS_PER_COMMIT_MAX)
        return await queue.submit(_Request(tenant_id, unit))  # type: ignore[no-any-return]

    async def claim(
        self, tenant_id: str, entity: type[E], *, limit: int = 16, lease_seconds: float = 30.0
    ) -> list[E]:
        """Lease due entities. It takes no tenant's lock: rows that others are claiming are passed over."""
        real_now = self._now()

        def unit(tx: SqlTransaction) -> list[E]:
            return tx.claim(entity, limit, real_now, real_now + timedelta(seconds=lease_seconds))

        request = _Request(tenant_id, unit)  # type: ignore[arg-type]
        (outcome,) = await self._in_thread(self._writers, self._claim, [request])
        return outcome.unwrap()  # type: ignore[no-any-return]

    async def scan(self, tenant_id: str, entity: type[E], take: Callable[[E], Iterable[T]]) -> set[T]:
        """Go through all versions in a thread."""

        def go(connection: Connection[Any], _: Sequence[_Request]) -> list[Outcome]:
            return [Outcome(scan(PostgresSession(Group(connection)), tenant_id, entity, take))]

        (outcome,) = await self._in_thread(self._readers, go, ())
        return outcome.unwrap()  # type: ignore[no-any-return]

    def changes(self, tenant_id: str) -> Changes:
        """A subscription to a tenant's changes, on whichever node they are made."""
        return self._signals.changes(tenant_id)

    async def now(self, tenant_id: str) -> datetime:
        """The tenant's instant; other nodes may have moved its clock, so the server is asked."""
        return self._now() if tenant_id == SYSTEM else (await self.tenant(tenant_id)).clock.read(self._now())

    async def tenant(self, tenant_id: str) -> Tenant:
        """The tenant; other nodes may have changed it, so the server is asked."""
        return await self._tenants.submit(_Request(tenant_id, lambda tx: tx.tenant))  # type: ignore[no-any-return]

    def latest_change(self, tenant_id: str) -> int:
        """The number of the latest change that was made over this node; 0 if none was."""
        return self._latest.get(tenant_id, 0)

    async def check(self) -> None:
        """Ask the server something."""
        await self.read(SYSTEM, lambda tx: tx.change_number)

    async def close(self) -> None:
        """Commit what waits, then let go of the connections."""
        await self._listener.close()
        for queue in [self._tenants, self._reads, *self._writes.values()]:
            await queue.close()
        self._readers.shutdown()
        self._writers.shutdown()
        await asyncio.to_thread(self._pool.close)

    async def _serve_reads(self, requests: list[_Request]) -> list[Outcome]:
        return await self._in_thread(self._readers, self._read_together, requests)

    async def _serve_tenants(self, requests: list[_Request]) -> list[Outcome]:
        return await self._in_thread(self._readers, _read_tenants_together, requests)

    async def _serve_writes(self, requests: list[_Request]) -> list[Outcome]:
        return await self._in_thread(self._writers, self._write_together, requests)

    async def _in_thread(
        self,
        threads: ThreadPoolExecutor,
        serve: _Serve,
        requests: Sequence[_Request],
    ) -> list[Outcome]:
        return await asyncio.get_running_loop().run_in_executor(threads, self._attempt, serve, requests)

    def _attempt(self, serve: _Serve, requests: Sequence[_Request]) -> list[Outcome]:
        """Serve a group: again after a conflict or a broken connection, one by one after any other error."""
        failure: Exception | None = None
        for _ in range(ATTEMPTS_MAX):
            try:
                with self._pool.connection() as connection:
                    return serve(connection, requests)
            except _RETRIED as conflict:
                failure = conflict
                self.retries["conflict"] += 1
            except (PoolTimeout, errors.QueryCanceled, _CommitUnknownError) as error:
                raise self._unavailable(error) from error
            except psycopg.OperationalError as broken:
                failure = broken
                self.retries["connection"] += 1
                self._pool.check()  # the other connections were probably lost with this one
            except Exception as error:  # noqa: BLE001 - each unit's caller gets its own
                if len(requests) == 1:
                    raise _explained(error) from None
                return [self._attempt_alone(serve, request) for request in requests]
        assert failure is not None  # noqa: S101 - the loop ended without an answer
        raise self._unavailable(failure) from failure

    def _attempt_alone(self, serve: _Serve, request: _Request) -> Outcome:
        try:
            return self._attempt(serve, [request])[0]
        except Exception as error:  # noqa: BLE001 - the unit's caller gets it
            return Outcome(None, error)

    def _read_together(self, connection: Connection[Any], requests: Sequence[_Request]) -> list[Outcome]:
        tenants = _begin(connection, "ISOLATION LEVEL REPEATABLE READ READ ONLY", requests)
        group = Group(connection)
        numbers = ChangeNumbers(PostgresSession(group))
        real_now = self._now()
        outcomes = [self._run(group, numbers, request, tenants, real_now) for request in requests]
        connection.execute("ROLLBACK")
        return outcomes

    def _write_together(self, connection: Connection[Any], requests: Sequence[_Request]) -> list[Outcome]:
        tenant_id = requests[0].tenant_id
        lock = f"SELECT pg_advisory_xact_lock({_lock_of(self._channel, tenant_id)});"
        tenants = _begin(connection, "ISOLATION LEVEL READ COMMITTED", requests, lock)
        group = Group(connection)
        numbers = ChangeNumbers(PostgresSession(group))
        real_now = self._now()
        outcomes = [self._run(group, numbers, request, tenants, real_now) for request in requests]
        with connection.pipeline():
            group.write()
            numbers.store()
            for changed in numbers.changed:
                connection.execute("SELECT pg_notify(%s, %s)", (self._channel, changed))
        _commit(connection)
        self._latest |= {changed: numbers.latest(changed) for changed in numbers.changed}
        return outcomes

    def _claim(self, connection: Connection[Any], requests: Sequence[_Request]) -> list[Outcome]:
        tenants = _begin(connection, "ISOLATION LEVEL READ COMMITTED", requests)
        group = Group(connection)
        numbers = ChangeNumbers(PostgresSession(group))
        real_now = self._now()
        outcomes = [self._run(group, numbers, request, tenants, real_now) for request in requests]
        _commit(connection)
        return outcomes

    def _run(
        self,
        group: Group,
        numbers: ChangeNumbers,
        request: _Request,
        tenants: Mapping[str, TenantRecord],
        real_now: datetime,
    ) -> Outcome:
        """Run one unit. Errors of the server concern the whole group."""
        session = PostgresSession(group)
        try:
            record = tenants.get(request.tenant_id)
            if record is None:
                raise NotFound("tenant", request.tenant_id)  # noqa: TRY301

            def lock(tenant_id: str) -> None:
                session.execute(f"SELECT pg_advisory_xact_lock({_lock_of(self._channel, tenant_id)})", {})

            transaction = SqlTransaction(
                session, numbers, request.tenant_id, record, real_now, request.as_of, lock
            )
            if request.as_of is not None:
                transaction.check_history(request.as_of)
            outcome = Outcome(request.unit(transaction))
            transaction.finish()
        except psycopg.Error:
            raise
        except Exception as error:  # noqa: BLE001 - the unit's caller gets it
            session.undo()
            return Outcome(None, error)
        session.keep()
        return outcome

    def _unavailable(self, error: Exception) -> Refusal:
        why = str(error).strip().partition("\n")[0]
        detail = f"The store at {self._where} cannot be used now: {why}."
        return Refusal(RefusalKind.UNAVAILABLE, detail, reason="store-away", retry_after_seconds=1)


class _CommitUnknownError(Exception):
    """The connection broke while the commit was under way."""


def _begin(
    connection: Connection[Any], mode: str, requests: Iterable[_Request], lock: str = ""
) -> Mapping[str, TenantRecord]:
    """Begin a transaction and take a lock, in one round trip; the tenants of the requests as they are then."""
    ids = sql.Literal([request.tenant_id for request in requests])
    begin = sql.SQL(f"BEGIN {mode}; {lock} {_TENANTS}")  # the text is ours
    cursor = connection.execute(begin.format(ids))
    while cursor.nextset():
        pass
    return _records(cursor)


def _records(rows: Iterable[tuple[str, bytes, int]]) -> Mapping[str, TenantRecord]:
    records = {tenant_id: TenantRecord(CACHE.decode(Tenant, body), number) for tenant_id, body, number in rows}
    return {SYSTEM: SYSTEM_RECORD, **records}


def _read_tenants_together(connection: Connection[Any], requests: Sequence[_Request]) -> list[Outcome]:
    """The requests' tenants, in one statement."""
    ids = [request.tenant_id for request in requests]
    records = _records(connection.execute(_TENANTS.format("%s"), [ids]))
    found = {tenant_id: Outcome(record.tenant) for tenant_id, record in records.items() if record.tenant}
    return [found.get(each) or Outcome(None, NotFound("tenant", each)) for each in ids]


def _commit(connection: Connection[Any]) -> None:
    try:
        connection.commit()
    except _RETRIED:
        raise
    except psycopg.OperationalError as error:
        raise _CommitUnknownError(
            "the connection broke during the commit; look whether the change is there"
        ) from error


def _lock_of(channel: str, tenant_id: str) -> int:
    """The number of a tenant's advisory lock. Two tenants that share one only wait for each other."""
    digest = hashlib.blake2b(f"{channel}/{tenant_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


def _configure(connection: Connection[Any], timeout_seconds: float) -> None:
    """What holds for every connection of the pool."""
    connection.autocommit = True  # transactions are begun by `_begin`
    connection.execute(f"SET statement_timeout = {int(timeout_seconds * 1000)}")
    connection.execute(f"SET idle_in_transaction_session_timeout = {IDLE_IN_TRANSACTION_SECONDS * 1000}")


def _explained(error: Exception) -> Exception:
    """A value that the server cannot hold, such as a NUL in a text, is the caller's; anything else is upsim's."""
    if isinstance(error, psycopg.DataError):
        detail = f"The store cannot hold a value of the request: {str(error).strip()}."
        return Refusal(RefusalKind.INVALID, detail, reason="not-storable")
    return error
