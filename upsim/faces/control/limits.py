"""How the limits stand: what there is, what it is worth here, how much of it is used."""

from typing import Any

from aiohttp import web

from upsim.domain.limits import LIMITS
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.domain.user import User
from upsim.faces.control.bodies import tenant_named
from upsim.server.context import Call, json_response
from upsim.services import limits
from upsim.services.ports import Transaction

Json = dict[str, Any]


async def headroom(call: Call) -> web.Response:
    """Every limit with its source, and the headroom of the tenant, its printers and its users."""
    tenant = await tenant_named(call)
    return json_response(await call.site.store.read(tenant.id, _represent))


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
    }


def _standing(found: list[limits.Headroom]) -> list[Json]:
    return [
        {"name": item.limit.name.value, "value": item.value, "used": item.used, "left": item.left}
        for item in found
    ]
