"""Injections of a test (`upsim.domain.injection`), and where they stand."""

from typing import Any

from aiohttp import web

from upsim.apis.control.bodies import taking, tenant_named
from upsim.domain.injection import Injection, InjectionCount
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as
from upsim.server.spelling import to_json
from upsim.services import injections
from upsim.services.ports import SYSTEM

Json = dict[str, Any]


@taking(Injection)
async def create(call: Call) -> web.Response:
    """Make an injection; the answer says under which id, and with which seed its chances are drawn."""
    wanted = await read_as(call, Injection, "an injection")
    injections.check_operation(wanted, call.site.operation_ids)
    rule = await injections.inject(call.site.store, await tenant_named(call), wanted)
    return json_response(_represent(rule, InjectionCount(id=rule.id)), 201)


async def list_all(call: Call) -> web.Response:
    """The injections that stand, with how often each met a call and how often it happened."""
    tenant = await tenant_named(call)
    now = await call.site.store.now(tenant.id)
    standing = [rule for rule in tenant.imposed.injections if not rule.is_over(now)]
    counts = await call.site.store.read(tenant.id, lambda tx: injections.counts(tx, standing))
    return json_response({"value": [_represent(rule, counts[rule.id]) for rule in standing]})


async def get(call: Call) -> web.Response:
    """One injection; still shown when its time is over, until it is removed."""
    tenant, identifier = await tenant_named(call), call.parameters["injection"]
    rule = injections.standing(tenant, identifier)
    counts = await call.site.store.read(tenant.id, lambda tx: injections.counts(tx, [rule]))
    return json_response(_represent(rule, counts[rule.id]))


async def delete(call: Call) -> web.Response:
    """Remove one injection."""
    tenant, identifier = await tenant_named(call), call.parameters["injection"]
    await call.site.store.write(SYSTEM, lambda tx: injections.remove(tx, tenant.id, identifier))
    return web.Response(status=204)


async def delete_all(call: Call) -> web.Response:
    """Remove all injections; printers that were cut off may speak again."""
    tenant = await tenant_named(call)
    await injections.remove_all(call.site.store, tenant)
    return web.Response(status=204)


def _represent(rule: Injection, count: InjectionCount) -> Json:
    shown: Json = to_json(rule)
    return shown | {"met": count.met, "fired": count.fired}
