"""Users, groups, administrative units and applications of a tenant: list, add, change, remove while it runs.

Bodies are spelled as in a seed file; camelCase is understood as well.
"""

import re
from typing import Any

from aiohttp import web

from upsim.apis.control.bodies import taking, tenant_named
from upsim.server.context import Call, json_response
from upsim.server.operation import Handler
from upsim.services import sessions
from upsim.services.directory_changes import USERS, DirectoryKind


def lister(kind: DirectoryKind[Any]) -> Handler:
    async def list_all(call: Call) -> web.Response:
        tenant = await tenant_named(call)
        return json_response({"value": await call.site.store.read(tenant.id, kind.list_all)})

    return list_all


def getter(kind: DirectoryKind[Any]) -> Handler:
    async def get(call: Call) -> web.Response:
        tenant, name = await tenant_named(call), call.parameters[kind.parameter]
        return json_response(await call.site.store.read(tenant.id, lambda tx: kind.get(tx, name)))

    return get


def adder(kind: DirectoryKind[Any]) -> Handler:
    @taking(kind.seed)
    async def add(call: Call) -> web.Response:
        tenant, typed = await tenant_named(call), _snake(await call.json())
        return json_response(await call.site.store.write(tenant.id, lambda tx: kind.add(tx, typed)), 201)

    return add


def changer(kind: DirectoryKind[Any]) -> Handler:
    @taking(kind.seed)
    async def change(call: Call) -> web.Response:
        tenant, name, typed = await tenant_named(call), call.parameters[kind.parameter], _snake(await call.json())
        return json_response(await call.site.store.write(tenant.id, lambda tx: kind.change(tx, name, typed)))

    return change


def remover(kind: DirectoryKind[Any]) -> Handler:
    async def remove(call: Call) -> web.Response:
        tenant, name = await tenant_named(call), call.parameters[kind.parameter]
        await call.site.store.write(tenant.id, lambda tx: kind.remove(tx, name))
        return web.Response(status=204)

    return remove


async def revoke_sessions(call: Call) -> web.Response:
    """End what a user signed in to, as an administrator or a change of password does."""
    tenant, name = await tenant_named(call), call.parameters["user"]
    await call.site.store.write(tenant.id, lambda tx: sessions.revoke(tx, USERS.find(tx, name)))
    return web.Response(status=204)


def _snake(value: Any) -> Any:
    """Names in camelCase as they are spelled in seed files."""
    if isinstance(value, dict):
        return {re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower(): _snake(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_snake(item) for item in value]
    return value
