"""A receiver of webhooks inside upsim: a test waits for what comes and chooses how it answers.

`/_upsim/inbox/{name}` belongs to the server's first tenant; each tenant has its own below its path.
"""

import asyncio
from typing import Any

import msgspec
import orjson
from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import read_as, taking, tenant_named
from upsim.domain.inbox import InboxAnswer, InboxMessage
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, json_response
from upsim.services import inboxes, tenants
from upsim.services.ports import SYSTEM

WAIT_SECONDS_MAX = 60.0


class Behaviour(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PUT."""

    answers: tuple[InboxAnswer, ...] = ()


async def post(call: Call) -> web.Response:
    """A webhook calls: the handshake gets its token back, a notification is kept."""
    tenant_id, name = await _address(call)
    query = call.request.url.query
    if "validationToken" in query:
        answer = await call.site.store.write(tenant_id, lambda tx: inboxes.next_answer(tx, name))
        await _delay(answer)
        token = query["validationToken"] if answer.validation == "right" else "another token"
        return web.Response(text=token, status=answer.status if answer.status >= 300 else 200)
    body = (await call.body()).decode("utf-8", "replace")
    kept = {
        "content_type": call.request.headers.get("Content-Type", ""),
        "query": call.request.query_string,
        "body": body,
    }
    answer = await call.site.store.write(tenant_id, lambda tx: inboxes.receive(tx, name, **kept))
    await _delay(answer)
    return web.Response(status=answer.status)


async def get(call: Call) -> web.Response:
    """What came after the message numbered `after`; with `wait`, as soon as there are `count`, or time is up."""
    tenant_id, name = await _address(call)
    after, count = _number(call, "after", 0), _number(call, "count", 1)
    deadline = asyncio.get_running_loop().time() + min(_number(call, "wait", 0), WAIT_SECONDS_MAX)
    with call.site.store.changes(tenant_id) as changes:
        while True:
            found = await call.site.store.read(tenant_id, lambda tx: inboxes.messages(tx, name, int(after)))
            left = deadline - asyncio.get_running_loop().time()
            if len(found) >= count or left <= 0 or not await changes.wait(left):
                break
    last = found[-1].number if found else int(after)
    return json_response({"value": [_represent(message) for message in found], "after": last})


@taking(Behaviour)
async def put(call: Call) -> web.Response:
    """Choose how the inbox answers."""
    wanted = await read_as(call, Behaviour, "the behaviour of an inbox")
    tenant_id, name = await _address(call)
    inbox = await call.site.store.write(tenant_id, lambda tx: inboxes.behave(tx, name, wanted.answers))
    return json_response({"answers": msgspec.to_builtins(inbox.answers)})


async def delete(call: Call) -> web.Response:
    """Empty it."""
    tenant_id, name = await _address(call)
    await call.site.store.write(tenant_id, lambda tx: inboxes.empty(tx, name))
    return web.Response(status=204)


async def _address(call: Call) -> tuple[str, str]:
    if "tenant" in call.parameters:
        tenant = await tenant_named(call)
    else:
        tenant = await call.site.store.read(SYSTEM, tenants.first)
    return tenant.id, call.parameters["name"]


async def _delay(answer: InboxAnswer) -> None:
    if answer.delay_seconds:
        await asyncio.sleep(answer.delay_seconds)  # noqa: TID251 - a slow receiver is slow in real time


def _number(call: Call, name: str, default: float) -> float:
    text = call.request.url.query.get(name)
    try:
        number = default if text is None else float(text)
    except ValueError:
        number = -1
    if not 0 <= number < 1e12:
        raise Refusal(
            RefusalKind.INVALID, f"{name} must be a number from 0 on, not '{text}'.", reason="query-invalid"
        )
    return number


def _represent(message: InboxMessage) -> dict[str, Any]:
    try:
        content = orjson.loads(message.body)
    except orjson.JSONDecodeError:
        content = None
    return {
        "number": message.number,
        "at": message.at.isoformat(),
        "contentType": message.content_type,
        "query": message.query,
        "body": message.body,
        "json": content,
    }
