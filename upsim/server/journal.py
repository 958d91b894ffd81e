"""The journal: every call that a tenant's clients made, and its outcome.

It lives in the memory of the node that served the call, bounded by calls and by octets for each tenant
(`TenantSettings.journal_*`): a record of what was observed, not state. Nothing is formatted while a request is
served; that is done when the journal is read.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from upsim.domain.caller import NOBODY, Caller
from upsim.domain.clock import REAL
from upsim.domain.events import Event
from upsim.domain.injection import Injection
from upsim.domain.refusals import RefusalKind
from upsim.domain.tenant import JournalSettings, Tenant, TenantSettings

SETTINGS_WITHOUT_TENANT = TenantSettings(
    journal=JournalSettings(calls_max=500, bytes_max=1 << 20, body_bytes_max=64 << 10)
)
"""The bounds for calls that belong to no tenant: without a token, or with one that proves nothing."""
TENANTS_MAX = 1_000
"""The number of journals; above it the oldest is dropped."""


class Refused(Struct, frozen=True, kw_only=True):
    """Why a call was refused."""

    kind: RefusalKind
    reason: str
    detail: str
    limit: str | None = None
    """The limit that it met, if it was one."""
    retry_after_seconds: float | None = None


class Entry(Struct, kw_only=True):
    """One call and its answer. It holds octets and facts, and nothing that serves a request."""

    began_at: datetime
    """On the real clock."""
    method: str
    target: str
    """Path and query as they were asked for (RFC 9112 section 3.2)."""
    scheme: str = ""
    host: str = ""
    headers: Mapping[str, str] = {}
    sent: bytes = b""
    """The body of the request; empty if it was too long to be kept."""
    tenant: Tenant | None = None
    """The tenant as it was when the call entered it."""
    operation_id: str = ""
    named: Mapping[str, str] = {}
    """The printer, share or job that it was about, by the names that path parameters have."""
    caller: Caller = NOBODY
    request_id: str = ""
    """The id that its answer carried, or would have carried."""
    status: int = 0
    """0: the connection was cut before there was an answer."""
    answer_headers: Mapping[str, str] = {}
    answer: bytes = b""
    """The body of the answer; empty if it was too long to be kept."""
    duration: float = 0.0
    """Real seconds until the answer was ready."""
    events: Sequence[Event] = ()
    change: int = 0
    """The number of the change that the call made; 0 where it made none."""
    point: int = 0
    """The tenant's latest change when the call was answered."""
    injected: Sequence[Injection] = ()
    refusal: Refused | None = None
    early_seconds: float = 0.0
    is_part: bool = False
    """Whether it is part of a `$batch`."""
    size: int = 0
    """Octets that count against the journal's limit; set by the journal."""
    number: int = 0
    """Set by the journal: 1 and upwards, never given twice."""

    @property
    def at(self) -> datetime:
        """When it began, on the tenant's clock."""
        return (self.tenant.clock if self.tenant else REAL).read(self.began_at)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    @property
    def jobs(self) -> set[str]:
        """Ids of the jobs that it was about or that it moved."""
        moved = {event.subject for event in self.events if event.name.startswith(("job.", "document."))}
        return moved | {self.named.get("job", "")} - {""}

    @property
    def printers(self) -> set[str]:
        """Ids of the printers that it was about, or that its jobs are on; a share counts as it was named."""
        found = {str(event.facts.get("printer", "")) for event in self.events}
        found |= {event.subject for event in self.events if event.name.startswith("printer.")}
        named = {self.named.get("printer", "").lower(), self.named.get("share", "").lower()}
        return (found | named | {self.caller.printer_id}) - {""}


class Ring:
    """One tenant's entries, oldest first."""

    __slots__ = ("_changed", "_entries", "_size", "dropped", "last")

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque()
        self._size = 0
        self._changed: asyncio.Event | None = None
        self.last = 0
        """The number of the latest entry; numbers begin at 1 and are never given twice."""
        self.dropped = 0
        """Entries that had to make room."""

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def add(self, entry: Entry, settings: TenantSettings) -> None:
        entries = self._entries
        self.last = entry.number = self.last + 1
        entries.append(entry)
        self._size += entry.size
        while len(entries) > settings.journal.calls_max or self._size > settings.journal.bytes_max:
            self._size -= entries.popleft().size
            self.dropped += 1
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    def clear(self) -> None:
        self._entries.clear()
        self._size = 0
        self.dropped = 0

    async def changed(self, timeout_seconds: float) -> bool:
        """Whether an entry came within the (real) time."""
        if self._changed is None:
            self._changed = asyncio.Event()
        changed = self._changed
        try:
            async with asyncio.timeout(timeout_seconds):
                await changed.wait()
        except TimeoutError:
            return False
        return True


class Journals:
    """The journals of all tenants; that of tenant '' holds calls that belong to none."""

    def __init__(self) -> None:
        self._rings: dict[str, Ring] = {}

    def of(self, tenant_id: str) -> Ring:
        """A tenant's journal, made when it is first asked for."""
        ring = self._rings.get(tenant_id)
        if ring is None:
            if len(self._rings) >= TENANTS_MAX:
                del self._rings[next(iter(self._rings))]
            ring = self._rings[tenant_id] = Ring()
        return ring

    def forget(self, tenant_id: str) -> None:
        """The tenant is gone or begins anew."""
        self._rings.pop(tenant_id, None)

    def record(self, entry: Entry) -> None:
        """Append a call; bodies above the tenant's limit are dropped."""
        settings = entry.tenant.settings if entry.tenant else SETTINGS_WITHOUT_TENANT
        if settings.journal.calls_max == 0:
            return
        if len(entry.answer) > settings.journal.body_bytes_max:
            entry.answer = b""
        if len(entry.sent) > settings.journal.body_bytes_max:
            entry.sent = b""
        entry.size = len(entry.sent) + len(entry.answer)
        self.of(entry.tenant.id if entry.tenant else "").add(entry, settings)
