"""The journal: every call that a tenant's clients made, and what became of it.

It lives in the memory of the node that served the call, bounded by calls and by bytes for each tenant
(`TenantSettings.journal_*`): a record of what was observed, not state. On the way of a request nothing is
formatted: an entry keeps references, and whoever looks at it later pays for reading them.
"""

import asyncio
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from upsim.domain.caller import NOBODY
from upsim.domain.clock import REAL
from upsim.domain.events import Event
from upsim.domain.injection import Injection
from upsim.domain.refusals import Refusal
from upsim.domain.tenant import Tenant, TenantSettings

if TYPE_CHECKING:
    from aiohttp import web

    from upsim.server.context import Call

_OF_STRANGERS = TenantSettings(journal_calls_max=500, journal_bytes_max=1 << 20, journal_body_bytes_max=64 << 10)
"""What is kept of calls that belong to no tenant: without a token, or with one that says nothing."""
TENANTS_MAX = 1_000
"""Journals kept; the oldest goes first."""


class Entry:
    """One call and its answer, as it will be told. `status` 0: the connection was cut before there was one."""

    __slots__ = (
        "_request_id",
        "answer_headers",
        "answered",
        "began_at",
        "caller",
        "change",
        "duration",
        "early_seconds",
        "events",
        "headers",
        "host",
        "injected",
        "is_part",
        "method",
        "named",
        "number",
        "operation_id",
        "point",
        "refusal",
        "scheme",
        "sent",
        "size",
        "status",
        "target",
        "tenant",
        "tenant_id",
    )

    def __init__(self, began_at: datetime) -> None:
        """The rest is set when the call is written down."""
        self.number: int
        self.size: int
        """Octets that count against the journal's limit."""
        self.began_at = began_at
        """On the real clock."""
        self.duration = 0.0
        """Real seconds until the answer was there."""
        self.tenant_id = ""
        self.tenant: Tenant | None = None
        """The tenant as it was when the call entered it."""
        self.operation_id: str
        self.method: str
        self.scheme: str
        self.host: str
        self.target: str
        """Path and query as they were asked for (RFC 9112 section 3.2)."""
        self.named: Mapping[str, str]
        """What it was about, by the names that path parameters have."""
        self.caller = NOBODY
        self._request_id = ""
        self.headers: Mapping[str, str]
        self.sent = b""
        self.status: int
        self.answer_headers: Mapping[str, str]
        self.answered: Sequence[bytes] = ()
        """The octets of the answer, in pieces, so that answers which are alike share most of them."""
        self.events: Sequence[Event] = ()
        self.change = 0
        """The number of the change that the call made; 0 where it made none."""
        self.point: int
        """The tenant's latest change when it was answered."""
        self.injected: Sequence[Injection] = ()
        self.refusal: Refusal | None = None
        self.early_seconds = 0.0
        self.is_part = False
        """Whether it is part of a batch."""

    @property
    def request_id(self) -> str:
        """The id that its answer carried, or would have carried."""
        return self._request_id

    @property
    def at(self) -> datetime:
        """When it began, on the tenant's clock."""
        return (self.tenant.clock if self.tenant else REAL).read(self.began_at)

    @property
    def answer(self) -> bytes:
        """The body of the answer; nothing where it was too long to be kept."""
        return b"".join(self.answered)

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

    def record(self, call: "Call", status: int, response: "web.StreamResponse | None") -> None:
        """Write down a call that has been served. `status` 0 and no response: it was cut off."""
        tenant = call.tenant
        settings = tenant.settings if tenant else _OF_STRANGERS
        if settings.journal_calls_max == 0:
            return
        request, body_max = call.request, settings.journal_body_bytes_max
        call.take_request_id()  # one that was cut off has none so far
        call.operation_id = call.operation.id if call.operation else ""
        call.method, call.target, call.headers = request.method, request.raw_path, request.headers
        call.scheme, call.host = request.scheme, request.host
        call.named = call.about
        call.status = status
        call.answer_headers = response.headers if response is not None else {}
        call.answered = call.answered or _body(response)
        answered = sum(map(len, call.answered))
        if answered > body_max:
            call.answered, answered = (), 0
        if len(call.sent) > body_max:
            call.sent = b""
        call.point = call.change or (call.site.store.latest_change(tenant.id) if tenant else 0)
        call.size = len(call.sent) + answered
        self.of(call.tenant_id if tenant else "").add(call, settings)

    def note(self, tenant: "Tenant", operation: str, path: str, real_at: datetime, fired: list[Injection]) -> None:
        """Write down that rules happened to something that is no client's call, such as a webhook."""
        if tenant.settings.journal_calls_max == 0:
            return
        entry = Entry(real_at)
        entry.tenant, entry.tenant_id, entry.operation_id, entry.injected = tenant, tenant.id, operation, fired
        entry.method, entry.scheme, entry.host, entry.target = "POST", "", "", path
        entry.named, entry.headers, entry.answer_headers = {}, {}, {}
        entry.status, entry.size, entry.point = 0, 0, 0
        self.of(tenant.id).add(entry, tenant.settings)


def _body(response: "web.StreamResponse | None") -> tuple[bytes, ...]:
    body = getattr(response, "body", None)
    return (body,) if isinstance(body, bytes) else ()
