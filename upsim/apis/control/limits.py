"""How the limits stand: what there is, what it is worth here, how much of it is used."""

from typing import Any

from aiohttp import web

from upsim.apis.control.bodies import tenant_named
from upsim.domain.application import Application
from upsim.domain.limits import LIMITS
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.domain.tenant import Tenant
from upsim.domain.user import User
from upsim.server.context import Call, json_response
from upsim.services import limits, tenants
from upsim.services.ports import SYSTEM, Transaction

Json = dict[str, Any]


async def headroom(call: Call) -> web.Response:
    """Return every limit with its source, and the headroom of the tenant, its printers and its users."""
    return json_response(await _headroom(call, await tenant_named(call)))


async def every_tenants(call: Call) -> web.Response:
    """Return the same of every tenant."""
    found = await call.site.store.read(SYSTEM, tenants.list_all)
    return json_response({"tenants": {tenant.id: await _headroom(call, tenant) for tenant in found}})


async def _headroom(call: Call, tenant: Tenant) -> Json:
    early = [
        {
            "caller": each.caller,
            "operation": each.operation,
            "path": each.path,
            "calls": each.calls,
            "worstSeconds": each.worst_seconds,
        }
        for each in call.site.early_retries.early(tenant.id)
    ]
    return await call.site.store.read(tenant.id, _represent) | {"early": early}


def _represent(tx: Transaction) -> Json:
    values = tx.tenant.settings.limits
    return {
        "profile": values.profile,
        "scale": values.scale,
        "limits": [
            {
                "name": limit.name.value,
                "value": values.value(limit.name),
                "published": limit.value,
                "windowSeconds": limit.window_seconds,
                "what": limit.what,
                "source": limit.source,
            }
            for limit in LIMITS
        ],
        "tenant": _standing(limits.headroom_of_tenant(tx)),
        "printers": {
            printer.id: _standing(limits.headroom_of_printer(tx, printer.id))
            for printer in tx.find(Query(entity=Printer))
        },
        "users": {
            user.user_principal_name: _standing(limits.headroom_of_user(tx, user.id))
            for user in tx.find(Query(entity=User))
        },
        "applications": {
            application.id: _standing(limits.headroom_of_application(tx, application.id))
            for application in tx.find(Query(entity=Application))
        },
    }


def _standing(found: list[limits.Headroom]) -> list[Json]:
    return [
        {"name": item.limit.name.value, "value": item.value, "used": item.used, "left": item.left}
        for item in found
    ]
