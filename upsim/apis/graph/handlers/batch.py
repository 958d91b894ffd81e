"""$batch: up to twenty requests in one, each with its own operation and permissions (Graph: JSON batching)."""

import base64
from typing import Any

import orjson
from aiohttp import web

from upsim.apis.graph.bodies import read_json
from upsim.apis.graph.errors import refuse
from upsim.apis.graph.selection import Json, reading_query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, json_response
from upsim.wire.odata.batch import (
    FAILED_DEPENDENCY,
    BatchRequest,
    execution_order,
    failed_dependency,
    parse_batch,
)


async def batch(call: Call) -> web.Response:
    """Serve each request of the batch as a call of its own, in the order that their dependencies ask for."""
    with reading_query():
        requests = parse_batch(await read_json(call))
        groups = execution_order(requests)
    statuses: dict[str, int] = {}
    answers: list[Json] = []
    for group in groups:
        for request in group:
            answer = await _answer(call, request, failed_dependency(request, statuses))
            statuses[request.id] = answer["status"]
            answers.append(answer)
    return json_response({"responses": answers})


async def _answer(call: Call, request: BatchRequest, failed: str | None) -> Json:
    if failed is not None:
        needed = f"Request '{failed}', which this one depends on, failed."
        refusal = Refusal(RefusalKind.NOT_POSSIBLE, needed, reason="dependency")
        return _part(request, FAILED_DEPENDENCY, refuse(call, refusal))
    part = call.request.part(
        method=request.method,
        raw_path=f"/{request.version or call.version}{request.url}",
        headers=request.headers,
        body=request.body if isinstance(request.body, bytes) else _encoded(request.body),
    )
    response = await call.serve_part(part)
    return _part(request, response.status, response)


def _part(request: BatchRequest, status: int, response: web.StreamResponse) -> Json:
    headers = {str(name): value for name, value in response.headers.items() if name != "Content-Length"}
    part: Json = {"id": request.id, "status": status, "headers": headers}
    body = response.body if isinstance(response, web.Response) else None
    if isinstance(body, bytes) and body:
        is_json = response.content_type == "application/json"
        part["body"] = orjson.loads(body) if is_json else base64.b64encode(body).decode()
    return part


def _encoded(body: Any) -> bytes:
    return b"" if body is None else orjson.dumps(body)
