"""$batch: up to twenty requests in one, each under its own row and permissions (Graph: JSON batching)."""

import base64
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Protocol, cast

import orjson
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from upsim.apis.graph.bodies import read_json
from upsim.apis.graph.errors import refuse
from upsim.apis.graph.selection import Json, reading_query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, json_response
from upsim.server.operation import Operation
from upsim.wire.odata.batch import (
    FAILED_DEPENDENCY,
    BatchRequest,
    execution_order,
    failed_dependency,
    parse_batch,
)


class Found(Protocol):
    """The row at a path of the API, with the parameters that the path holds."""

    operation: Operation
    parameters: Mapping[str, str]
    version: str


Find = Callable[[str, str], Found]
"""Looks up a row by method and raw path, or refuses."""


def batch(find: Find) -> Any:
    """The handler of $batch over an API's own rows."""

    async def handler(call: Call) -> web.Response:
        with reading_query():
            requests = parse_batch(await read_json(call))
            groups = execution_order(requests)
        statuses: dict[str, int] = {}
        answers: list[Json] = []
        for group in groups:
            for request in group:
                answer = await _answer(call, find, request, failed_dependency(request, statuses))
                statuses[request.id] = answer["status"]
                answers.append(answer)
        return json_response({"responses": answers})

    return handler


async def _answer(call: Call, find: Find, request: BatchRequest, failed: str | None) -> Json:
    inner = _call(call, request)
    if failed is not None:
        needed = f"Request '{failed}', which this one depends on, failed."
        refusal = Refusal(RefusalKind.NOT_POSSIBLE, needed, reason="dependency")
        return _part(request, FAILED_DEPENDENCY, refuse(inner, refusal))
    try:
        found = find(request.method, inner.request.raw_path.partition("?")[0])
        inner.parameters, inner.version = found.parameters, found.version
        response = await inner.gateway.serve_part(inner, found.operation)
    except Refusal as refusal:
        response = refuse(inner, refusal)
    return _part(request, response.status, response)


def _call(outer: Call, request: BatchRequest) -> Call:
    """The part as a call of its own, by the caller of the batch."""
    version = request.version or outer.version
    inner = Call(outer.site, cast("web.BaseRequest", _Part(outer.request, f"/{version}{request.url}", request)))
    inner.caller, inner.tenant_id, inner.tenant = outer.caller, outer.tenant_id, outer.tenant
    inner.gateway, inner.api, inner.connection, inner.is_part = outer.gateway, outer.api, outer.request, True
    return inner


def _part(request: BatchRequest, status: int, response: web.StreamResponse) -> Json:
    headers = {str(name): value for name, value in response.headers.items() if name != "Content-Length"}
    part: Json = {"id": request.id, "status": status, "headers": headers}
    body = response.body if isinstance(response, web.Response) else None
    if isinstance(body, bytes) and body:
        is_json = response.content_type == "application/json"
        part["body"] = orjson.loads(body) if is_json else base64.b64encode(body).decode()
    return part


class _Part:
    """What handlers read of a request."""

    def __init__(self, outer: web.BaseRequest, raw_path: str, request: BatchRequest) -> None:
        self.method = request.method
        self.raw_path = raw_path
        self.headers: CIMultiDict[str] = CIMultiDict(request.headers)
        self.scheme, self.host, self.transport = outer.scheme, outer.host, outer.transport
        self.query = URL(raw_path, encoded=True).query
        self._body = request.body if isinstance(request.body, bytes) else _encoded(request.body)
        self.content = self

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "application/octet-stream").partition(";")[0].strip().lower()

    @property
    def content_length(self) -> int:
        return len(self._body)

    async def read(self) -> bytes:
        return self._body

    async def iter_any(self) -> AsyncIterator[bytes]:
        yield self._body


def _encoded(body: Any) -> bytes:
    return b"" if body is None else orjson.dumps(body)
