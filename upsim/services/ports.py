"""What services and APIs need from the outside, as protocols. Engines and adapters satisfy them.

A unit of work is a plain function over a `Transaction`: no await, no clock and no ids of its own, so that an
engine may run it again after a conflict, and a test can call it as a function.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Protocol, Self, TypeVar

from msgspec import Struct

from upsim.domain.entity import Entity
from upsim.domain.events import Event
from upsim.domain.query import Query
from upsim.domain.tenant import Tenant

E = TypeVar("E", bound=Entity)
T = TypeVar("T")

SYSTEM = ""
"""The tenant id under which upsim keeps what belongs to no tenant: the tenants themselves, signing keys."""
EVERYWHERE = "*"
"""For `Store.changes`: any tenant, those to come included."""


class Transaction(Protocol):
    """One unit's view of one tenant. Everything put in it is stored together, or not at all."""

    @property
    def tenant(self) -> Tenant:
        """The tenant; absent (`NotFound`) under `SYSTEM`."""

    @property
    def tenant_id(self) -> str: ...

    @property
    def change_number(self) -> int:
        """The number of the tenant's latest change; in a unit that changed something, the unit's own."""

    @property
    def now(self) -> datetime:
        """The tenant's instant, the same throughout the unit."""

    def new_id(self) -> str:
        """A fresh GUID, derived from the tenant's seed."""

    def new_secret(self, octets: int = 32) -> str:
        """A fresh url-safe secret, derived from the tenant's seed."""

    def next_number(self, counter: str) -> int:
        """The next value of a counter of the tenant; the first is 1."""

    def get(self, entity: type[E], identifier: str) -> E | None: ...

    def find(self, query: Query[E]) -> list[E]: ...

    def first(self, query: Query[E]) -> E | None: ...

    def tally(self, entity: type[E]) -> dict[str, int]:
        """How many entities of a kind there are, by the tag of their index."""

    def overdue(self) -> dict[str, int]:
        """How many entities were due before now, by kind."""

    def put(self, entity: Entity) -> None: ...

    def delete(self, entity: Entity) -> None: ...

    def emit(self, event: Event) -> None: ...

    @property
    def emitted(self) -> list[Event]:
        """The events of this unit so far."""

    def forget_expired(self, entity: type[E], limit: int = 16) -> list[E]:
        """Delete up to `limit` entities of a kind that were due before now, and return them."""

    def wipe(self, *, for_good: bool = False) -> None:
        """Forget everything of the tenant at once: entities, events, counters and history. Numbers begin anew.

        `for_good`: the tenant is being deleted, so that not even its numbers are left.
        """

    @property
    def history(self) -> "History":
        """The tenant's past. Asked for first in a unit, before it changes anything."""


class StoredRow(NamedTuple):
    """A stored thing as it lies in the store: its body is JSON."""

    kind: str
    id: str
    body: bytes


class Difference(NamedTuple):
    """A thing that two points of a history show otherwise; None where it was not there."""

    kind: str
    id: str
    before: bytes | None
    after: bytes | None


class History(Protocol):
    """A tenant's past, by change numbers. What the tenant itself is (its clock, its settings) is left alone."""

    def rewind(self, number: int) -> None:
        """Make the state what it was after a change, counters and the derivation of ids included.

        It is a change like any other, so the state before it can be gone back to as well.
        """

    def copy(self, origin_id: str, number: int) -> None:
        """Take over the state of another tenant after a change, into this one, which is empty."""

    def rows(self, number: int) -> list[StoredRow]:
        """Everything that was there after a change."""

    def differences(self, earlier: int, later: int) -> list[Difference]:
        """What is otherwise after `later` than after `earlier`, by kind and id."""

    def counters(self, number: int) -> dict[str, int]:
        """The counters after a change."""

    def set_counter(self, name: str, value: int) -> None:
        """Let a counter go on from a value."""

    def derived(self, number: int) -> int:
        """The number that ids of a change were derived from."""

    def go_on_from(self, derived: int) -> None:
        """Derive ids from now on as if the ones before had been derived from this number."""


Unit = Callable[[Transaction], T]


class Changes(Protocol):
    """A subscription to one tenant: it wakes who waits, on whichever node the change was made.

    Enter it before looking at the state, so that nothing happens unseen between the look and the wait:

        with store.changes(tenant_id) as changes:
            while not (found := await store.read(tenant_id, unit)):
                if not await changes.wait(remaining_seconds):
                    break
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def wait(self, timeout_seconds: float | None) -> bool:
        """Whether the tenant, or its clock or settings, changed since the last wait that said so.

        It may be woken in vain, so look again; False when the (real) time is up. None waits for ever.
        """

    def wake(self, tenant_ids: Iterable[str]) -> None:
        """Wake who waits, as if these tenants had changed."""

    def take(self) -> set[str]:
        """Which tenants changed since they were last taken; `SYSTEM` stands for clocks and settings."""


class Store(Protocol):
    """Where the state lives. `write` returns only when the unit's changes are durable."""

    engine: str
    """What it is, in words for people: `SQLite file`, `PostgreSQL 15.4`."""

    @property
    def retries(self) -> Mapping[str, int]:
        """How often units had to be run again, by cause."""

    async def read(self, tenant_id: str, unit: Unit[T], *, as_of: int | None = None) -> T:
        """Run a unit that changes nothing; `as_of` shows it the state after that change of the tenant."""

    async def write(self, tenant_id: str, unit: Unit[T], *, is_long: bool = False) -> T:
        """Run a unit. One that goes through all that a tenant has is said to be long.

        An engine that has a place for it lets it hold up nobody but other writers.
        """

    async def claim(
        self, tenant_id: str, entity: type[E], *, limit: int = 16, lease_seconds: float = 30.0
    ) -> list[E]:
        """Take due entities to work on: nobody else, on any node, is given them while the lease runs.

        Delete them or put them with a later `due` when the work is done; if the process dies instead, they can
        be claimed again after the lease (which is in real time, whatever the tenant's clock does).
        """

    async def scan(self, tenant_id: str, entity: type[E], take: Callable[[E], Iterable[T]]) -> set[T]:
        """What `take` finds in every version of a kind that is kept, live or not: all that a look back can see.

        It may read very much, so it runs aside and holds nobody up.
        """

    def changes(self, tenant_id: str) -> Changes:
        """A subscription to what is committed in a tenant, or `EVERYWHERE`, from now on."""

    async def check(self) -> None:
        """Return if the state can be reached now, else `Refusal(UNAVAILABLE)` with why."""

    async def now(self, tenant_id: str) -> datetime:
        """The tenant's instant; `NotFound` where there is no such tenant."""

    async def tenant(self, tenant_id: str) -> Tenant:
        """The tenant; `NotFound` where there is none."""

    def latest_change(self, tenant_id: str) -> int:
        """The number of the tenant's latest change that this node knows of, without waiting."""

    async def close(self) -> None: ...


class BlobWriter(Protocol):
    """Takes a blob's bytes in order. Leaving it without `commit` leaves nothing behind."""

    key: str
    """Known once the bytes are committed."""

    async def write(self, chunk: bytes) -> None: ...

    async def commit(self) -> None:
        """From now on the key can be read. The bytes are durable before anything is that is stored later."""

    async def discard(self) -> None: ...


class Blobs(Protocol):
    """Where documents' bytes live. Keys are chosen by the store and mean nothing.

    What cannot be reached is `Refusal(UNAVAILABLE)`.
    """

    engine: str
    """What it is, in words for people: `files`, `S3 bucket rig at 127.0.0.1:9000`."""

    async def create(self) -> BlobWriter: ...

    def path(self, key: str) -> Path | None:
        """A local file with the bytes, where there is one: it can be sent without copying."""

    def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to `stop`, in pieces."""

    async def delete(self, keys: Iterable[str]) -> None:
        """Forget blobs; one that is not there is forgotten already."""

    def older_than(self, instant: datetime) -> AsyncIterator[str]:
        """The keys of blobs that were complete before a (real) instant, for the sweep."""

    async def discard_unfinished(self, instant: datetime) -> int:
        """Drop what writers that died before a (real) instant left behind; how many there were."""

    async def check(self) -> None:
        """Return if blobs can be reached now, else `Refusal(UNAVAILABLE)` with why."""

    async def close(self) -> None: ...


class CertificateRequest(Struct, frozen=True):
    """A checked PKCS#10 request: its signature proves that the sender holds the key."""

    der: bytes


class IssuedCertificate(Struct, frozen=True):
    """A certificate that a CA signed."""

    der: bytes
    sha256: str
    not_after: datetime


class Certificates(Protocol):
    """X.509 for the registration service."""

    def read_request(self, base64_der: str) -> CertificateRequest:
        """The request, or `Refusal(INVALID)` when it is not a PKCS#10 signed by its own key."""

    def new_authority(self, common_name: str, now: datetime, secret: str | None = None) -> tuple[str, str]:
        """A new CA as (certificate PEM, private key PEM). It follows from `secret`, where there is one."""

    def issue(
        self,
        authority: tuple[str, str],
        request: CertificateRequest,
        common_name: str,
        serial: int,
        now: datetime,
        valid_seconds: int,
    ) -> IssuedCertificate: ...


Json = dict[str, Any]
