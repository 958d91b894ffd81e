"""One call, from the request line to the answer."""

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, NamedTuple, Protocol, TypeVar

import orjson
from aiohttp import ClientError, hdrs, web
from multidict import CIMultiDict, istr

from upsim.domain.clock import REAL
from upsim.domain.clouds import Cloud, Service, locate
from upsim.domain.events import Event
from upsim.domain.injection import Subject
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import TenantSettings
from upsim.server.authentication import Verified
from upsim.server.journal import Entry
from upsim.server.operation import Api, Operation
from upsim.server.site import Site
from upsim.server.whole_response import WholeResponse
from upsim.services.ports import Transaction

T = TypeVar("T")
_NOTHING = Subject()
_CLIENT_REQUEST_ID = istr("client-request-id")

JSON_BYTES_MAX = 1 << 20
"""A JSON or form body may not be larger; documents go through upload URLs and IPP."""


class Serving(Protocol):
    """What a call needs of the gateway that serves it."""

    async def perform(self, call: "Call", operation: Operation) -> web.StreamResponse:
        """Check the caller against a row and run it."""

    async def enter(self, call: "Call") -> None:
        """Let the rules of the call's tenant hold."""

    async def serve_part(self, call: "Call", operation: Operation) -> web.StreamResponse:
        """Serve a part of a batch like a call of its own; a refusal becomes its answer."""


class Repeatable(NamedTuple):
    """An answer that can be given again: how long, and how (`upsim.server.repeats`)."""

    stamp: Hashable
    """`Call.stamp` from before anything was read for it."""
    begins: datetime
    ends: datetime
    """From and until when, on the tenant's clock, nothing of it moves by itself."""
    again: "Callable[[Call, bytes], web.StreamResponse | None]"
    """Answers a call that sent the same headers and this body; None if that says something else."""
    octets: int
    """How much of the answer is held for it."""


class Call(Entry):
    """A request being served: what was asked, by whom, of which tenant, and the way to the services.

    It is its own entry in the journal: what becomes of it is written where it will be read.
    """

    __slots__ = (
        "_put_back",
        "api",
        "connection",
        "content",
        "facts",
        "gateway",
        "imposed_on",
        "is_hampered",
        "operation",
        "parameters",
        "proof",
        "repeatable",
        "request",
        "site",
        "subject",
        "version",
    )

    def __init__(self, site: Site, request: web.BaseRequest) -> None:
        super().__init__(site.now())
        self.site = site
        self.request = request
        self._put_back = b""
        self.operation: Operation | None = None
        self.parameters: Mapping[str, str] = {}
        self.version = ""
        self.gateway: Serving
        """Who serves the call; set by the gateway."""
        self.api: Api
        """Whose rows it may reach; set by the gateway."""
        self.content: Any = None
        """What the API read of the body before it dispatched to another of its rows."""
        self.facts: dict[str, Any] = {}
        """Names and values for the log line: what was decided and why."""
        self.connection = request
        """The request whose connection the call came by: its own, or that of the batch it is part of."""
        self.is_hampered = False
        """Whether the body of its answer must go through the request's writer, because a test slows it."""
        self.imposed_on: Operation | None = None
        """The row for which rules and limits have been looked at."""
        self.subject = _NOTHING
        self.proof: Verified | None = None
        """The token that proved the caller, where it was one."""
        self.repeatable: Repeatable | None = None
        """Its answer, where a handler says that it can be repeated."""

    def leave(self) -> None:
        """Let go of what it took to serve the call, which would stay for as long as the journal shows it."""
        self.request = self.connection = None  # type: ignore[assignment]
        self.content = self.repeatable = None
        if self.refusal is not None:  # what led to a refusal, in whose frames the request lives
            self.refusal.__traceback__ = self.refusal.__cause__ = self.refusal.__context__ = None

    @property
    def request_id(self) -> str:
        """The id of the request: the tenant's next, where the tenant is known when it is first asked for."""
        return self.take_request_id()

    def take_request_id(self) -> str:
        """Have an id from now on."""
        if not self._request_id:
            self._request_id = self.site.request_ids.take(self.tenant)
        return self._request_id

    @property
    def client_request_id(self) -> str:
        """The client's own id of the request, else that of the request."""
        return self.request.headers.get(_CLIENT_REQUEST_ID) or self.request_id

    @property
    def instant(self) -> datetime:
        """What answers say that the time is: the tenant's, or real time where there is no tenant."""
        real = self.site.now()
        return real if self.tenant is None else self.tenant.clock.read(real)

    def date(self, response: web.StreamResponse) -> None:
        """Let Date (RFC 9110 section 6.6.1) show the tenant's time; aiohttp writes real time by itself."""
        if self.tenant is not None and self.tenant.clock != REAL:
            response.headers.setdefault("Date", format_datetime(self.instant, usegmt=True))

    async def begin(self, response: web.StreamResponse) -> None:
        """Send the head of an answer whose body follows in pieces."""
        self.date(response)
        await response.prepare(self.request)

    @property
    def base_url(self) -> str:
        """Scheme and host, without a final slash, that the client used to reach upsim.

        A client that came by one of Microsoft's names stays on it, whatever `public_url` says.
        """
        if self.site.public_url and not self.microsoft:
            return self.site.public_url
        return f"{self.request.scheme}://{self.request.host}"

    @property
    def microsoft(self) -> tuple[Cloud, Service] | None:
        """The cloud and service whose name the client used; None for localhost and the like."""
        return locate(self.request.host)

    def url_of(self, service: Service) -> str:
        """Where a service is for this client: at its own name in the client's cloud, else at `base_url`."""
        located = self.microsoft
        if located is None:
            return self.base_url
        _, colon, port = self.request.host.partition(":")
        return f"{self.request.scheme}://{located[0].host(service)}{colon}{port}"

    @property
    def settings(self) -> TenantSettings:
        """The tenant's settings; those that tenants begin with where the call has no tenant."""
        return self.tenant.settings if self.tenant else TenantSettings()

    def read(self, unit: Callable[..., T], *arguments: Any, **named: Any) -> Awaitable[T]:
        """Run a reading unit of a service in the call's tenant."""
        return self.site.store.read(self.tenant_id, lambda tx: unit(tx, *arguments, **named))

    async def write(self, unit: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Run a changing unit of a service in the call's tenant; returns once it is stored."""
        told: list[Event] = []
        number = 0

        def traced(tx: Transaction) -> T:
            nonlocal told, number
            result = unit(tx, *arguments, **named)
            told, number = tx.emitted, tx.change_number
            return result

        result = await self.site.store.write(self.tenant_id, traced)
        self.change = number
        if told:
            self.tell(told)
        return result

    def tell(self, events: Iterable[Event]) -> None:
        """The journal shows these events with the call."""
        self.events = [*self.events, *events]

    def perform(self, operation: Operation) -> Awaitable[web.StreamResponse]:
        """Check the caller against another row of the API and run it."""
        return self.gateway.perform(self, operation)

    async def enter(self, tenant_id: str) -> None:
        """The call is about this tenant, as something else than a token says: its rules hold from here on."""
        self.tenant_id = tenant_id
        await self.gateway.enter(self)

    @property
    def about(self) -> Mapping[str, str]:
        """What the call is about, by the names that path parameters have."""
        return self.parameters if self.api.name_subject is None else self.api.name_subject(self)

    async def stamp(self) -> Hashable:
        """The stamp of the tenant's state (`Store.stamp`); None if the call knows an older one."""
        stamp = await self.site.store.stamp(self.tenant_id)
        return stamp if await self.site.store.tenant(self.tenant_id) is self.tenant else None

    def now(self) -> Awaitable[datetime]:
        """The tenant's instant."""
        return self.site.store.now(self.tenant_id)

    def put_back(self, piece: bytes) -> None:
        """Let `next_piece` give this again: it was looked at, and is for whoever serves the call."""
        self._put_back = piece

    async def next_piece(self) -> bytes:
        """What of the body is there; nothing at its end."""
        if self._put_back:
            piece, self._put_back = self._put_back, b""
            return piece
        try:
            return await self.request.content.readany()
        except ClientError as error:
            raise ConnectionResetError("the client went away inside its message") from error

    async def body(self) -> bytes:
        """The whole body, refused above `JSON_BYTES_MAX`."""
        try:
            self.sent = await self.request.read()
        except web.HTTPRequestEntityTooLarge as error:
            limit = f"The body is larger than {JSON_BYTES_MAX} bytes."
            raise Refusal(RefusalKind.TOO_LARGE, limit, reason="body-too-large") from error
        return self.sent

    async def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty body is an empty object."""
        body = await self.body()
        if not body.strip():
            return {}
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Refusal(
                RefusalKind.INVALID, f"The body is not valid JSON: {error}.", reason="json-malformed"
            ) from error
        if not isinstance(value, dict):
            raise Refusal(RefusalKind.INVALID, "The body must be a JSON object.", reason="json-malformed")
        return value


JSON: Mapping[str, str] = CIMultiDict({hdrs.CONTENT_TYPE: "application/json"})
"""The headers of an answer with a JSON body, but for those that the API adds."""


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer with a JSON body."""
    return WholeResponse(orjson.dumps(value), status, {**JSON, **headers} if headers else JSON)
