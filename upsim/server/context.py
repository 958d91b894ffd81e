"""One call, from the request line to the answer."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import orjson
from aiohttp import web

from upsim.domain.caller import NOBODY, Caller
from upsim.domain.clouds import Cloud, Service, locate
from upsim.domain.faults import Fault, Refused
from upsim.server.operation import Operation
from upsim.server.site import Site

T = TypeVar("T")

JSON_BYTES_MAX = 1 << 20
"""A JSON or form body may not be larger; documents go through upload URLs and IPP."""


class Call:
    """A request being served: what was asked, by whom, of which tenant, and the way to the services."""

    __slots__ = (
        "caller",
        "client_request_id",
        "content",
        "facts",
        "operation",
        "parameters",
        "perform",
        "request",
        "request_id",
        "site",
        "tenant_id",
        "version",
    )

    def __init__(self, site: Site, request: web.BaseRequest) -> None:
        self.site = site
        self.request = request
        self.operation: Operation | None = None
        self.parameters: Mapping[str, str] = {}
        self.version = ""
        self.caller: Caller = NOBODY
        self.tenant_id = ""
        self.request_id = site.new_request_id()
        self.client_request_id = request.headers.get("client-request-id") or self.request_id
        self.perform: Callable[[Operation], Awaitable[web.StreamResponse]]
        """Check the caller against another row of the face and run it; set by the gateway."""
        self.content: Any = None
        """What the face read of the body before it dispatched to another of its rows."""
        self.facts: dict[str, Any] = {}
        """Names and values for the log line: what was decided and why."""

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

    async def read(self, unit: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Run a reading unit of a service in the call's tenant."""
        return await self.site.store.read(self.tenant_id, lambda tx: unit(tx, *arguments, **named))

    async def write(self, unit: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Run a changing unit of a service in the call's tenant; returns once it is stored."""
        return await self.site.store.write(self.tenant_id, lambda tx: unit(tx, *arguments, **named))

    async def now(self) -> datetime:
        """The tenant's instant."""
        return await self.site.store.now(self.tenant_id)

    async def body(self) -> bytes:
        """The whole body, refused above `JSON_BYTES_MAX`."""
        try:
            return await self.request.read()
        except web.HTTPRequestEntityTooLarge as error:
            limit = f"The body is larger than {JSON_BYTES_MAX} bytes."
            raise Refused(Fault.TOO_LARGE, limit, reason="body-too-large") from error

    async def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty body is an empty object."""
        body = await self.body()
        if not body.strip():
            return {}
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise Refused(
                Fault.INVALID, f"The body is not valid JSON: {error}.", reason="json-malformed"
            ) from error
        if not isinstance(value, dict):
            raise Refused(Fault.INVALID, "The body must be a JSON object.", reason="json-malformed")
        return value


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer with a JSON body."""
    return web.Response(
        body=orjson.dumps(value),
        status=status,
        headers={"Content-Type": "application/json", **(headers or {})},
    )
