"""print/shares."""

from functools import partial
from typing import Any

from aiohttp import web

from upsim.apis.graph.answers import count as count_of
from upsim.apis.graph.answers import entity_response, many, one
from upsim.apis.graph.bodies import Body, Reference, bound_id, taking
from upsim.apis.graph.navigation import represent
from upsim.apis.graph.selection import Json, view_of
from upsim.server.context import Call
from upsim.services import shares

WRITABLE = frozenset({"displayName", "allowAllUsers", "holdJobsForSecureRelease"})
"""The last is a property in beta only; in v1.0 it is unknown."""
UNSUPPORTED = frozenset({"$count", "$orderby", "$search"})
CONTEXT = "print/shares/$entity"


async def list_all(call: Call) -> web.Response:
    load = partial(shares.list_visible_shares, caller=call.caller)
    return await many(call, "printerShare", "print/shares", load, UNSUPPORTED)


async def count(call: Call) -> web.Response:
    return await count_of(call, "printerShare", partial(shares.list_visible_shares, caller=call.caller))


async def get(call: Call) -> web.Response:
    """Get a share below print/shares, or below its printer."""
    load = partial(
        shares.get_share,
        caller=call.caller,
        share_id=call.parameters["share"],
        printer_id=call.parameters.get("printer", ""),
    )
    return await one(call, "printerShare", CONTEXT, load)


@taking(Body("printerShare", WRITABLE, required=("displayName", "printer"), binds=("printer",)))
async def create(call: Call, given: Json) -> web.Response:
    view, printer_id = view_of(call), bound_id(given["printer"], "printers")
    body = await call.write(
        lambda tx: represent(
            tx,
            view,
            "printerShare",
            shares.create(
                tx,
                caller=call.caller,
                display_name=given["displayName"],
                printer_id=printer_id,
                allow_all_users=bool(given.get("allowAllUsers")),
                holds_for_release=bool(given.get("holdJobsForSecureRelease")),
            )[0],
        )
    )
    return entity_response(view, CONTEXT, body, 201)


@taking(Body("printerShare", WRITABLE, binds=("printer",)))
async def update(call: Call, given: Json) -> web.Response:
    view, printer = view_of(call), given.get("printer")
    body = await call.write(
        lambda tx: represent(
            tx,
            view,
            "printerShare",
            shares.update(
                tx,
                call.parameters["share"],
                caller=call.caller,
                display_name=given.get("displayName"),
                printer_id=bound_id(printer, "printers") if printer else None,
                allow_all_users=given.get("allowAllUsers"),
                holds_for_release=given.get("holdJobsForSecureRelease"),
            )[0],
        )
    )
    return entity_response(view, CONTEXT, body)


async def delete(call: Call) -> web.Response:
    await call.write(shares.delete, call.parameters["share"])
    return web.Response(status=204)


async def list_of_printer(call: Call) -> web.Response:
    load = partial(shares.of_printer, caller=call.caller, printer_id=call.parameters["printer"])
    return await many(call, "printerShare", "print/shares", load)


async def count_of_printer(call: Call) -> web.Response:
    load = partial(shares.of_printer, caller=call.caller, printer_id=call.parameters["printer"])
    return await count_of(call, "printerShare", load)


async def get_of_printer(call: Call) -> web.Response:
    load = partial(shares.share_of, caller=call.caller, printer_id=call.parameters["printer"])
    return await one(call, "printerShare", CONTEXT, load)


async def delete_of_printer(call: Call) -> web.Response:
    await call.write(shares.delete_of_printer, call.parameters["printer"])
    return web.Response(status=204)


async def list_recent(call: Call) -> web.Response:
    """List the shares that a user printed to, the newest first (/me and /users/{id})."""
    name = call.parameters.get("user", "")
    user = await call.read(shares.whose_recent, call.caller, name)
    load = partial(shares.recent, caller=call.caller, name=name)
    context = f"users('{user.id}')/print/recentPrinterShares"
    return await many(call, "printerShare", context, load, UNSUPPORTED, viewpoint_of=user.id)


async def list_allowed_users(call: Call) -> web.Response:
    load = partial(shares.allowed_users, caller=call.caller, share_id=call.parameters["share"])
    return await many(call, "user", "Collection(microsoft.graph.user)", load)


async def count_allowed_users(call: Call) -> web.Response:
    load = partial(shares.allowed_users, caller=call.caller, share_id=call.parameters["share"])
    return await count_of(call, "user", load)


async def list_allowed_groups(call: Call) -> web.Response:
    load = partial(shares.allowed_groups, caller=call.caller, share_id=call.parameters["share"])
    return await many(call, "group", "Collection(microsoft.graph.group)", load)


async def count_allowed_groups(call: Call) -> web.Response:
    load = partial(shares.allowed_groups, caller=call.caller, share_id=call.parameters["share"])
    return await count_of(call, "group", load)


async def list_user_references(call: Call) -> web.Response:
    return await _references(call, shares.allowed_users, "users")


async def list_group_references(call: Call) -> web.Response:
    return await _references(call, shares.allowed_groups, "groups")


async def _references(call: Call, listing: Any, collection: str) -> web.Response:
    view = view_of(call)
    members = await call.read(listing, call.caller, call.parameters["share"])
    value = [{"@odata.id": f"{view.root}/{collection}/{member.id}"} for member in members]
    return entity_response(view, "Collection($ref)", {"value": value})


@taking(Reference("users"))
async def allow_user(call: Call, user_id: str) -> web.Response:
    await call.write(shares.allow_user, call.parameters["share"], user_id)
    return web.Response(status=204)


@taking(Reference("groups"))
async def allow_group(call: Call, group_id: str) -> web.Response:
    await call.write(shares.allow_group, call.parameters["share"], group_id)
    return web.Response(status=204)


async def disallow_user(call: Call) -> web.Response:
    """Remove a user, named in the path or in the query `@id` as SDKs write it."""
    user_id = call.parameters.get("user") or bound_id(call.request.query.get("@id", ""), "users")
    await call.write(shares.disallow_user, call.parameters["share"], user_id)
    return web.Response(status=204)


async def disallow_group(call: Call) -> web.Response:
    group_id = call.parameters.get("group") or bound_id(call.request.query.get("@id", ""), "groups")
    await call.write(shares.disallow_group, call.parameters["share"], group_id)
    return web.Response(status=204)
