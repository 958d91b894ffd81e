"""Collections and badges for administrators, look-ups for devices."""

from typing import Annotated, Any, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from upsim.domain.badge import Badge, Holder
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, json_response
from upsim.services import badges

B = TypeVar("B")
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Guid = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]


class Changes(Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of PATCH: the holder, all of it."""

    upn: Text
    user_id: Guid | None = None

    @property
    def holder(self) -> Holder:
        return Holder(upn=self.upn, user_id=self.user_id)


class NewBadge(Changes, frozen=True, kw_only=True, rename="camel"):
    """The body of POST."""

    id: Text


class Lookup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """The body of a lookup. Some clients state whether a cached answer is enough."""

    badge_id: str
    bypass_cache: bool = False


async def list_collections(call: Call) -> web.Response:
    found = await call.read(badges.list_collections)
    return json_response({"value": [{"id": each.id} for each in found]})


async def create_collection(call: Call) -> web.Response:
    """202 with the operation to poll."""
    await call.json()
    operation = await call.write(badges.create_collection)
    location = f"{call.base_url}/v1.0/print/operations/{operation.id}"
    body = {"id": operation.id, "collectionId": operation.collection_id}
    return json_response(body, 202, {"Operation-Location": location})


async def get_operation(call: Call) -> web.Response:
    operation, seconds = await call.read(badges.get_operation, call.parameters["operation"])
    state = "running" if seconds else "succeeded"
    body = {"id": operation.id, "status": {"state": state}, "collectionId": operation.collection_id}
    return json_response(body, headers={"Retry-After": str(seconds)} if seconds else None)


async def get_collection(call: Call) -> web.Response:
    return json_response({"id": (await call.read(badges.get_collection, call.parameters["collection"])).id})


async def delete_collection(call: Call) -> web.Response:
    """202: the collection goes a little later."""
    await call.write(badges.delete_collection, call.parameters["collection"])
    return web.Response(status=202)


async def list_badges(call: Call) -> web.Response:
    found = await call.read(badges.list_badges, call.parameters["collection"])
    return json_response({"value": [_represent(each) for each in found]})


async def add(call: Call) -> web.Response:
    body = await _read(call, NewBadge, "a badge")
    badge = await call.write(badges.add, call.parameters["collection"], body.id, body.holder)
    return json_response(_represent(badge), 201)


async def get(call: Call) -> web.Response:
    return json_response(_represent(await call.read(badges.get, *_names(call))))


async def update(call: Call) -> web.Response:
    """200 with the badge; what the body does not name is cleared."""
    body = await _read(call, Changes, "the holder of a badge")
    return json_response(_represent(await call.write(badges.update, *_names(call), body.holder)))


async def remove(call: Call) -> web.Response:
    await call.write(badges.remove, *_names(call))
    return web.Response(status=204)


async def look_up(call: Call) -> web.Response:
    """Return the second version, which keeps badge ids out of URLs and their logs."""
    body = await _read(call, Lookup, "a look-up")
    holder = await call.write(badges.look_up, call.caller, body.badge_id, is_fresh=body.bypass_cache)
    return _found(body.badge_id, holder)


async def look_up_by_path(call: Call) -> web.Response:
    """Return the first version."""
    badge_id = call.parameters["badge"]
    return _found(badge_id, await call.write(badges.look_up, call.caller, badge_id))


def _found(badge_id: str, holder: Holder) -> web.Response:
    return json_response({"badgeId": badge_id, "userURI": f"mailto:{holder.upn}", "userId": holder.user_id})


def _names(call: Call) -> tuple[str, str]:
    return call.parameters["collection"], call.parameters["badge"]


def _represent(badge: Badge) -> dict[str, Any]:
    body = {"id": badge.badge_id, "upn": badge.holder.upn}
    return body if badge.holder.user_id is None else {**body, "userId": badge.holder.user_id}


async def _read(call: Call, kind: type[B], what: str) -> B:
    if call.request.content_type != "application/json":
        raise Refusal(RefusalKind.FORMAT_UNSUPPORTED, "The body must be application/json.", reason="content-type")
    try:
        return msgspec.convert(await call.json(), kind)
    except msgspec.ValidationError as error:
        raise Refusal(RefusalKind.INVALID, f"The body is not {what}: {error}.", reason="body-invalid") from error
