"""Users, groups, administrative units and applications of a tenant: list, add, change, remove while it runs.

Bodies are spelled as in a seed in JSON.
"""

from typing import Any

from aiohttp import web

from upsim.apis.control.bodies import taking, tenant_named
from upsim.server.context import Call, Handler, json_response
from upsim.server.control_bodies import read_part
from upsim.server.spelling import Spelling, respelled
from upsim.services import sessions
from upsim.services.directory_changes import USERS, DirectoryKind


def lister(kind: DirectoryKind[Any]) -> Handler:
    async def list_all(call: Call) -> web.Response:
        tenant = await tenant_named(call)
        found = await call.site.store.read(tenant.id, kind.list_all)
        return json_response({"value": [_spelled(each, kind) for each in found]})

    return list_all


def getter(kind: DirectoryKind[Any]) -> Handler:
    async def get(call: Call) -> web.Response:
        tenant, name = await tenant_named(call), call.parameters[kind.parameter]
        return json_response(_spelled(await call.site.store.read(tenant.id, lambda tx: kind.get(tx, name)), kind))

    return get


def adder(kind: DirectoryKind[Any]) -> Handler:
    @taking(kind.seed)
    async def add(call: Call) -> web.Response:
        tenant, typed = await tenant_named(call), await read_part(call, kind.seed, _a(kind))
        added = await call.site.store.write(tenant.id, lambda tx: kind.add(tx, typed))
        return json_response(_spelled(added, kind), 201)

    return add


def changer(kind: DirectoryKind[Any]) -> Handler:
    @taking(kind.seed)
    async def change(call: Call) -> web.Response:
        tenant, name = await tenant_named(call), call.parameters[kind.parameter]
        typed = await read_part(call, kind.seed, _a(kind))
        changed = await call.site.store.write(tenant.id, lambda tx: kind.change(tx, name, typed))
        return json_response(_spelled(changed, kind))

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


def _a(kind: DirectoryKind[Any]) -> str:
    return f"{'an' if kind.name[0] in 'aeio' else 'a'} {kind.name}"


def _spelled(shown: dict[str, Any], kind: DirectoryKind[Any]) -> Any:
    return respelled(shown, kind.seed, Spelling.TOML, Spelling.JSON)
