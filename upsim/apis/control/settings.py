"""A tenant's settings: every value that holds, with its default, its range and its meaning, and how to choose."""

from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from upsim.apis.control.bodies import taking, tenant_named
from upsim.domain.tenant import TenantSettings
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as, read_part
from upsim.server.spelling import camel, to_json
from upsim.services import tenants
from upsim.services.ports import SYSTEM

Json = dict[str, Any]
_WHAT = "the settings of a tenant"


async def get(call: Call) -> web.Response:
    """All of them, chosen or not."""
    return json_response(represent((await tenant_named(call)).settings))


@taking(TenantSettings)
async def put(call: Call) -> web.Response:
    """Choose settings: what is not named is as the service does it."""
    settings = await read_as(call, TenantSettings, _WHAT)
    return await _change(call, lambda _: settings)


@taking(TenantSettings)
async def patch(call: Call) -> web.Response:
    """Choose what is named, keep the rest."""
    named = await read_part(call, TenantSettings, _WHAT)
    return await _change(call, lambda settings: _merged(settings, named))


async def _change(call: Call, change: Callable[[TenantSettings], TenantSettings]) -> web.Response:
    tenant_id = (await tenant_named(call)).id
    tenant = await call.site.store.write(
        SYSTEM, lambda tx: tenants.change_settings(tx, tenant_id, change(tenants.named(tx, tenant_id).settings))
    )
    return json_response(represent(tenant.settings))


def _merged(settings: TenantSettings, named: Json) -> TenantSettings:
    before: Json = msgspec.to_builtins(settings)
    changed = {group: {**before.get(group, {}), **members} for group, members in named.items()}
    return msgspec.convert({**before, **changed}, TenantSettings)


def represent(settings: TenantSettings) -> Json:
    """`values` by group, as PUT takes them, and `members`, one for each, which tell what it is."""
    from upsim.domain.described_settings import describe

    return {
        "values": to_json(settings, with_defaults=True),
        "members": [
            {
                "name": ".".join(camel(name) for name in each.path),
                "value": to_json(each.value),
                "default": to_json(each.default),
                "type": each.type,
                "minimum": each.minimum,
                "above": each.above,
                "maximum": each.maximum,
                "choices": list(each.choices) or None,
                "meaning": each.meaning,
            }
            for each in describe(settings)
        ],
    }
