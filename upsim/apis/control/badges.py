"""Badges by the tester's hand: no administrator signs in, and the collection is there at once."""

from typing import Any

from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import taking, tenant_named
from upsim.domain.badge import Badge
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as
from upsim.services import badges
from upsim.services.ports import Transaction


class NewBadge(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of POST: what the card's reader reads, and whose it is, by user principal name or id."""

    id: str
    user: str


async def list_all(call: Call) -> web.Response:
    """Return every badge of the tenant, oldest first, whether or not the service has a list."""
    tenant = await tenant_named(call)
    found = await call.site.store.read(tenant.id, badges.every)
    return json_response({"value": [_represent(each) for each in found]})


@taking(NewBadge)
async def create(call: Call) -> web.Response:
    tenant, body = await tenant_named(call), await read_as(call, NewBadge, "a badge")

    def unit(tx: Transaction) -> Badge:
        return badges.give(tx, body.id, body.user)

    return json_response(_represent(await call.site.store.write(tenant.id, unit)), 201)


async def delete(call: Call) -> web.Response:
    tenant, badge_id = await tenant_named(call), call.parameters["badge"]
    await call.site.store.write(tenant.id, lambda tx: badges.take(tx, badge_id))
    return web.Response(status=204)


def _represent(badge: Badge) -> dict[str, Any]:
    return {"id": badge.badge_id, "user": badge.holder.upn, "userId": badge.holder.user_id}
