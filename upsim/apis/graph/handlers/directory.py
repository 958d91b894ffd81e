"""me, users, groups and organization: the part of the directory that printing clients read."""

from functools import partial

from aiohttp import web

from upsim.apis.graph.answers import entity_response, many, one
from upsim.apis.graph.resources.directory import represent_organization
from upsim.apis.graph.selection import view_of
from upsim.server.context import Call
from upsim.services import directory


async def get_me(call: Call) -> web.Response:
    return await one(call, "user", "users/$entity", partial(directory.me, caller=call.caller))


async def list_users(call: Call) -> web.Response:
    return await many(call, "user", "users", directory.list_users)


async def get_user(call: Call) -> web.Response:
    return await one(call, "user", "users/$entity", partial(directory.get_user, name=call.parameters["user"]))


async def list_groups(call: Call) -> web.Response:
    return await many(call, "group", "groups", directory.list_groups)


async def get_group(call: Call) -> web.Response:
    return await one(
        call, "group", "groups/$entity", partial(directory.get_group, group_id=call.parameters["group"])
    )


async def list_organization(call: Call) -> web.Response:
    value = await call.read(lambda tx: [represent_organization(tx.tenant)])
    return entity_response(view_of(call), "organization", {"value": value})


async def get_organization(call: Call) -> web.Response:
    tenant = await call.read(directory.get_organization, call.parameters["organization"])
    return entity_response(view_of(call), "organization/$entity", represent_organization(tenant))
