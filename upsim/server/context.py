"""A call: a request being served, by whom it was made, of which tenant, and the way to the services."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any, TypeVar

import orjson
from aiohttp import web
from multidict import istr

from upsim.domain.caller import NOBODY, Caller
from upsim.domain.clock import REAL
from upsim.domain.clouds import Cloud, Service, locate
from upsim.domain.events import Event
from upsim.domain.injection import Injection, Subject
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import Tenant, TenantSettings
from upsim.server.connection import ImpairedStream, Impairment
from upsim.server.operation import Api, Operation
from upsim.server.request import Request
from upsim.server.site import Site
from upsim.services.ports import Transaction

T = TypeVar("T")
_NO_SUBJECT = Subject()
_CLIENT_REQUEST_ID = istr("client-request-id")

BODY_BYTES_MAX = 1 << 20
"""A JSON or form body may not be larger; documents go through upload URLs and IPP."""

Handler = Callable[["Call"], Awaitable[web.StreamResponse]]
"""What runs an operation: it reads the wire, calls a service and represents the result."""
ServePart = Callable[["Call"], Awaitable[web.StreamResponse]]


class Call:
    """A request on its way through the pipeline (`upsim.server.pipeline`).

    The pipeline and the methods below set its attributes; handlers read them.
    """

    __slots__ = (
        "_request_id",
        "_serve_part",
        "answered",
        "api",
        "began_at",
        "caller",
        "change",
        "content",
        "early_seconds",
        "events",
        "facts",
        "impairment",
        "injected",
        "is_part",
        "operation",
        "parameters",
        "refusal",
        "request",
        "sent",
        "site",
        "subject",
        "tenant",
        "tenant_id",
        "version",
    )

    def __init__(self, site: Site, request: Request, api: Api, serve_part: ServePart) -> None:
        """`api` answers as long as the path has led to no other; `serve_part` serves a request inside this one."""
        self.site = site
        self.request = request
        self.began_at = site.now()
        """On the real clock."""
        self.api = api
        """The API that was asked, by path or by host name."""
        self.operation: Operation | None = None
        self.parameters: Mapping[str, str] = {}
        """The values of the path template's parameters."""
        self.version = ""
        """The root of the API under which the path was found, such as `v1.0`."""
        self.tenant: Tenant | None = None
        """The tenant as it was when the call entered it."""
        self.tenant_id = ""
        self.caller: Caller = NOBODY
        self.content: Any = None
        """What the API read of the body, to find the operation."""
        self.sent = b""
        """The body as far as it is held: of an IPP request, the message without the document."""
        self.answered = b""
        """The octets held of an answer sent in pieces: of an IPP response, the message without the document."""
        self.facts: dict[str, Any] = {}
        """Names and values for the log line: what was decided and why."""
        self.refusal: Refusal | None = None
        self.injected: Sequence[Injection] = ()
        """Injections that happened to the call."""
        self.subject = _NO_SUBJECT
        """What injections that have effects are about."""
        self.impairment: Impairment | None = None
        """How an injection impairs the body of the answer."""
        self.early_seconds = 0.0
        """How many seconds before its Retry-After was over the caller retried."""
        self.events: Sequence[Event] = ()
        self.change = 0
        """The number of the change that the call made in its tenant; 0 where it made none."""
        self.is_part = False
        """Whether it is part of a `$batch`."""
        self._request_id = ""
        self._serve_part = serve_part

    def serve_part(self, request: Request) -> Awaitable[web.StreamResponse]:
        """Serve a request inside this one, by the same caller, as a call of its own."""
        part = Call(self.site, request, self.api, self._serve_part)
        part.is_part = True
        part.caller, part.tenant, part.tenant_id = self.caller, self.tenant, self.tenant_id
        return self._serve_part(part)

    async def enter(self, tenant_id: str) -> Tenant:
        """Make the call one of this tenant. Raises `NotFound` if there is no such tenant."""
        self.tenant_id = tenant_id
        self.tenant = await self.site.store.tenant(tenant_id)
        return self.tenant

    def act_as(self, caller: Caller) -> None:
        """Serve the call as this caller: a connector's device speaks for the printer that it names."""
        self.caller = caller

    def hold_content(self, content: Any) -> None:
        """Hold what was read of the body for the handler."""
        self.content = content

    def hold_sent(self, octets: bytes) -> None:
        """Hold the octets of the message for the journal."""
        self.sent = octets

    def hold_answered(self, octets: bytes) -> None:
        """Hold the octets of a response message for the journal, whose document follows in pieces."""
        self.answered = octets

    @property
    def request_id(self) -> str:
        """The id of the request: the tenant's next, if the tenant is known when it is first asked for."""
        if not self._request_id:
            self._request_id = self.site.request_ids.take(self.tenant)
        return self._request_id

    @property
    def client_request_id(self) -> str:
        """The client's own id of the request, else that of the request."""
        return self.request.headers.get(_CLIENT_REQUEST_ID) or self.request_id

    @property
    def instant(self) -> datetime:
        """The tenant's time, or real time if the call has no tenant."""
        real = self.site.now()
        return real if self.tenant is None else self.tenant.clock.read(real)

    def date(self, response: web.StreamResponse) -> None:
        """Put the tenant's time into Date (RFC 9110 section 6.6.1); aiohttp writes real time by itself."""
        if self.tenant is not None and self.tenant.clock != REAL:
            response.headers.setdefault("Date", format_datetime(self.instant, usegmt=True))

    async def begin(self, response: web.StreamResponse) -> web.StreamResponse | ImpairedStream:
        """Send the head of an answer whose body follows in pieces; returns what to write these to."""
        self.date(response)
        connection = self.request.connection
        await connection.send_head(response)
        return response if self.impairment is None else ImpairedStream(response, connection, self.impairment)

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
        """The URL of a service for this client: at its own name in the client's cloud, else at `base_url`."""
        located = self.microsoft
        if located is None:
            return self.base_url
        _, colon, port = self.request.host.partition(":")
        return f"{self.request.scheme}://{located[0].host(service)}{colon}{port}"

    @property
    def settings(self) -> TenantSettings:
        """The tenant's settings; the defaults if the call has no tenant."""
        return self.tenant.settings if self.tenant else TenantSettings()

    def read(self, unit: Callable[..., T], *arguments: Any, **named: Any) -> Awaitable[T]:
        """Run a reading unit of a service in the call's tenant."""
        return self.site.store.read(self.tenant_id, lambda tx: unit(tx, *arguments, **named))

    async def write(self, unit: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Run a changing unit of a service in the call's tenant; returns once it is stored."""
        emitted: list[Event] = []
        number = 0

        def traced(tx: Transaction) -> T:
            nonlocal emitted, number
            result = unit(tx, *arguments, **named)
            emitted, number = tx.emitted, tx.change_number
            return result

        result = await self.site.store.write(self.tenant_id, traced)
        self.change = number
        if emitted:
            self.report(emitted)
        return result

    def report(self, events: Iterable[Event]) -> None:
        """Have the journal show these events with the call."""
        self.events = [*self.events, *events]

    @property
    def named(self) -> Mapping[str, str]:
        """The printer, share or job that the call is about, by the names that path parameters have."""
        return self.parameters if self.api.name_subject is None else self.api.name_subject(self)

    async def body(self) -> bytes:
        """The whole body. Raises `Refusal(TOO_LARGE)` above `BODY_BYTES_MAX` octets."""
        chunks, size = [], 0
        async for chunk in self.request.body.chunks():
            chunks.append(chunk)
            size += len(chunk)
            if size > BODY_BYTES_MAX:
                limit = f"The body is larger than {BODY_BYTES_MAX} bytes."
                raise Refusal(RefusalKind.TOO_LARGE, limit, reason="body-too-large")
        if chunks:
            self.sent = b"".join(chunks)
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


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer with a JSON body."""
    return web.Response(
        body=orjson.dumps(value), status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )


def octets_response(
    octets: bytes, content_type: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """An answer with a body of this media type."""
    return web.Response(body=octets, status=status, headers={"Content-Type": content_type, **(headers or {})})
