"""Writes the audit log: every refusal of a sign-in or token request, with why, told to the client or not."""

from contextlib import suppress
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import Struct

from upsim.apis.entra.errors import describe, entra_error
from upsim.apis.entra.requests import read_form
from upsim.domain.refusals import Refusal
from upsim.domain.sign_in import SignInRefusal
from upsim.server.context import Call, Handler, json_response
from upsim.server.control_bodies import read_query
from upsim.server.operation import Open
from upsim.server.spelling import to_json
from upsim.services import audit, identity
from upsim.services.ports import SYSTEM

ORDINARY = frozenset({"authorization-pending", "interaction-needed", "password-needed"})
"""Answers that every sign-in meets on its way; they refuse nobody."""
TEXT_MAX = 256
DETAIL_MAX = 2000
LISTED_MAX = 1000
_NOTED = "noted"


class Listed(Struct, frozen=True):
    """The query parameters of a listing."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=LISTED_MAX)] = 100
    """The most entries to list, newest first."""


def audited(handler: Handler) -> Handler:
    """Return the handler; what it answers itself with a page or a redirect (`note`) is recorded."""

    async def handle(call: Call) -> web.StreamResponse:
        response = await handler(call)
        if (noted := call.facts.pop(_NOTED, None)) is not None:
            await _record(call, noted)
        return response

    return handle


async def on_refusal(call: Call, refusal: Refusal) -> None:
    """Record the refusal of a sign-in or token request."""
    call.facts.pop(_NOTED, None)
    if call.operation is not None and call.operation.access is Open.ANYONE:
        await _record(call, refusal)


def note(call: Call, refusal: Refusal) -> None:
    """Have a refusal recorded that the handler answers itself, with a page or a redirect."""
    call.facts[_NOTED] = refusal


async def show(call: Call) -> web.StreamResponse:
    """Return a tenant's refusals, the newest first; `limit` says how many."""
    name = call.parameters["tenant"]
    tenant = await call.site.store.read(SYSTEM, lambda tx: identity.resolve_tenant(tx, name))
    return await _list(call, tenant.id)


async def show_homeless(call: Call) -> web.StreamResponse:
    """Return those of requests that named no tenant of this server."""
    return await _list(call, SYSTEM)


async def _list(call: Call, tenant_id: str) -> web.Response:
    wanted = read_query(call, Listed)
    found = await call.site.store.read(tenant_id, lambda tx: audit.list_refusals(tx, wanted.limit))
    return json_response({"value": [_represent(refusal) for refusal in found]})


def _represent(refusal: SignInRefusal) -> dict[str, object]:
    shown: dict[str, object] = to_json(refusal, with_defaults=True)
    return shown


async def _record(call: Call, refusal: Refusal) -> None:
    if refusal.reason in ORDINARY:
        return
    fields = dict(call.request.query)
    with suppress(Refusal):
        fields |= await read_form(call)
    user = fields.get("username") or fields.get("account") or fields.get("login_hint", "")
    recorded = SignInRefusal(
        id="",
        at=call.site.now(),
        operation=call.operation.id if call.operation else "",
        grant=_plain(fields.get("grant_type", "")),
        app_id=_plain(str(call.facts.get("client") or fields.get("client_id", ""))),
        user=_plain(user),
        address=call.request.connection.remote,
        request_id=call.request_id,
        correlation_id=_plain(call.client_request_id),
        reason=refusal.reason or refusal.kind.name.lower(),
        number=entra_error(refusal).number,
        detail=_plain(describe(refusal), DETAIL_MAX),
    )
    await call.site.store.write(call.tenant_id or SYSTEM, lambda tx: audit.record(tx, recorded))


def _plain(text: str, length: int = TEXT_MAX) -> str:
    """Return a sent text, shortened and without control characters, which not every store accepts."""
    return "".join(character for character in text[:length] if character.isprintable())
