"""The journal: every call that a tenant's clients made, and what became of it.

It lives in the memory of the node that served the call, bounded by calls and by bytes for each tenant
(`TenantSettings.journal_*`): a record of what was observed, not state. On the way of a request nothing is
formatted: an entry keeps references, and whoever looks at it later pays for reading them.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from upsim.domain.caller import NOBODY, Caller
from upsim.domain.clock import REAL, Clock
from upsim.domain.events import Event
from upsim.domain.faults import Refused
from upsim.domain.injection import Injection
from upsim.domain.tenant import TenantSettings

if TYPE_CHECKING:
    from aiohttp import web

    from upsim.domain.tenant import Tenant
    from upsim.server.context import Call

_OF_STRANGERS = TenantSettings(journal_calls_max=500, journal_bytes_max=1 << 20, journal_body_bytes_max=64 << 10)
"""What is kept of calls that belong to no tenant: without a token, or with one that says nothing."""
TENANTS_MAX = 1_000
"""Journals kept; the oldest goes first."""


class Entry:
    """One call and its answer. `status` 0: the connection was cut before there was one."""

    __slots__ = (
        "answer",
        "answer_headers",
        "caller",
        "change",
        "clock",
        "duration",
        "early_seconds",
        "events",
        "headers",
        "host",
        "injections",
        "is_part",
        "method",
        "named",
        "number",
        "operation",
        "point",
        "real_at",
        "refused",
        "request_id",
        "scheme",
        "sent",
        "size",
        "status",
        "target",
        "tenant_id",
    )

    number: int
    real_at: datetime
    clock: Clock
    duration: float
    tenant_id: str
    operation: str
    method: str
    scheme: str
    host: str
    target: str
    """Path and query as they were asked for (RFC 9112 section 3.2)."""
    named: Mapping[str, str]
    caller: Caller
    request_id: str
    headers: Mapping[str, str]
    sent: bytes
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes
    events: list[Event]
    change: int
    """The number of the change that the call made; 0 where it made none."""
    point: int
    """The tenant's latest change when it was answered."""
    injections: list[Injection]
    refused: Refused | None
    early_seconds: float
    is_part: bool
    size: int

    @property
    def at(self) -> datetime:
        """When it began, on the tenant's clock."""
        return self.clock.read(self.real_at)

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
        told = {str(event.facts.get("printer", "")) for event in self.events}
        told |= {event.subject for event in self.events if event.name.startswith("printer.")}
        named = {self.named.get("printer", "").lower(), self.named.get("share", "").lower()}
        return (told | named | {self.caller.printer_id}) - {""}


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
        while len(entries) > settings.journal_calls_max or self._size > settings.journal_bytes_max:
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

    def record(self, call: "Call", status: int, response: "web.StreamResponse | None", duration: float) -> None:
        """Write down a call that has been served. `status` 0 and no response: it was cut off."""
        tenant = call.tenant
        settings = tenant.settings if tenant else _OF_STRANGERS
        if settings.journal_calls_max == 0:
            return
        request, body_max = call.request, settings.journal_body_bytes_max
        entry = Entry()
        entry.real_at = call.began_at
        entry.clock = tenant.clock if tenant else REAL
        entry.duration = duration
        entry.tenant_id = call.tenant_id
        entry.operation = call.operation.id if call.operation else ""
        entry.method = request.method
        entry.scheme = request.scheme
        entry.host = request.host
        entry.target = request.raw_path
        entry.named = call.named
        entry.caller = call.caller
        entry.request_id = call.request_id
        entry.headers = request.headers
        entry.sent = call.sent if len(call.sent) <= body_max else b""
        entry.status = status
        entry.answer_headers = response.headers if response is not None else {}
        answer = call.answered or getattr(response, "body", None)
        entry.answer = answer if isinstance(answer, bytes) and len(answer) <= body_max else b""
        entry.events = call.events
        entry.change = call.change
        entry.point = call.change or (call.site.store.latest_change(tenant.id) if tenant else 0)
        entry.injections = call.injected
        entry.refused = call.refused
        entry.early_seconds = call.early_seconds
        entry.is_part = call.is_part
        entry.size = len(entry.sent) + len(entry.answer)
        self.of(call.tenant_id if tenant else "").add(entry, settings)

    def note(self, tenant: "Tenant", operation: str, path: str, real_at: datetime, fired: list[Injection]) -> None:
        """Write down that rules happened to something that is no client's call, such as a webhook."""
        if tenant.settings.journal_calls_max == 0:
            return
        entry = Entry()
        entry.real_at, entry.clock, entry.duration = real_at, tenant.clock, 0.0
        entry.tenant_id, entry.operation, entry.injections = tenant.id, operation, fired
        entry.method, entry.scheme, entry.host, entry.target = "POST", "", "", path
        entry.named, entry.caller, entry.request_id = {}, NOBODY, ""
        entry.headers, entry.sent, entry.answer_headers, entry.answer = {}, b"", {}, b""
        entry.status, entry.events, entry.change, entry.refused = 0, [], 0, None
        entry.early_seconds, entry.is_part, entry.size, entry.point = 0.0, False, 0, 0
        self.of(tenant.id).add(entry, tenant.settings)
