"""A receiver of webhooks inside upsim: a test waits for what comes and chooses how it answers.

`/_upsim/inbox/{name}` belongs to the server's first tenant; each tenant has its own below its path.
"""

import asyncio
from typing import Annotated, Any

import msgspec
import orjson
from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import taking, tenant_named
from upsim.domain.inbox import InboxAnswer, InboxMessage
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as, read_query
from upsim.server.spelling import to_json
from upsim.services import inboxes, tenants
from upsim.services.ports import SYSTEM

WAIT_SECONDS_MAX = 60.0


class Behaviour(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PUT."""

    answers: tuple[InboxAnswer, ...] = ()


class Received(Struct, frozen=True, kw_only=True):
    """The query parameters of GET."""

    after: Annotated[int, msgspec.Meta(ge=0)] = 0
    """The number of the last message that is known already."""
    count: Annotated[int, msgspec.Meta(ge=0)] = 1
    wait: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    """Real seconds to wait for that many, at most 60."""


async def post(call: Call) -> web.Response:
    """Return a webhook calls: the handshake gets its token back, a notification is kept."""
    tenant_id, name = await _address(call)
    query = call.request.query
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


@taking(query=Received)
async def get(call: Call) -> web.Response:
    """List the messages after number `after`; with `wait`, as soon as there are `count`, or time is up."""
    tenant_id, name = await _address(call)
    wanted = read_query(call, Received)
    after, count = wanted.after, wanted.count
    deadline = asyncio.get_running_loop().time() + min(wanted.wait, WAIT_SECONDS_MAX)
    with call.site.store.changes(tenant_id) as changes:
        while True:
            found = await call.site.store.read(tenant_id, lambda tx: inboxes.messages(tx, name, after))
            left = deadline - asyncio.get_running_loop().time()
            if len(found) >= count or left <= 0 or not await changes.wait(left):
                break
    last = found[-1].number if found else after
    return json_response({"value": [_represent(message) for message in found], "after": last})


@taking(Behaviour)
async def put(call: Call) -> web.Response:
    """Choose how the inbox answers."""
    wanted = await read_as(call, Behaviour, "the behaviour of an inbox")
    tenant_id, name = await _address(call)
    inbox = await call.site.store.write(tenant_id, lambda tx: inboxes.behave(tx, name, wanted.answers))
    return json_response({"answers": to_json(inbox.answers)})


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
