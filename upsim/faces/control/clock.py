"""A tenant's clock: look at it, move it, stop it, let it go on."""

from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Struct

from upsim.domain.faults import Fault, Refused
from upsim.domain.tenant import Tenant
from upsim.server.context import Call, json_response
from upsim.services import tenants
from upsim.services.ports import SYSTEM


class ClockChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PATCH: seconds to advance by (never back), and whether the clock stands still."""

    advance_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    frozen: bool | None = None


async def get(call: Call) -> web.Response:
    """Where the clock stands."""
    tenant = await tenants_named(call)
    return json_response(_represent(tenant, call))


async def patch(call: Call) -> web.Response:
    """Move the clock; whatever was due by then counts as due from now on."""
    try:
        change = msgspec.convert(await call.json(), ClockChange)
    except msgspec.ValidationError as error:
        raise Refused(Fault.INVALID, f"The body is not a change of the clock: {error}.") from error
    tenant = await tenants_named(call)
    tenant = await call.site.store.write(
        SYSTEM,
        lambda tx: tenants.set_clock(
            tx, tenant.id, advance_seconds=change.advance_seconds, is_frozen=change.frozen
        ),
    )
    return json_response(_represent(tenant, call))


async def tenants_named(call: Call) -> Tenant:
    """The tenant that the path names, by id or domain."""
    name = call.parameters["tenant"]
    return await call.site.store.read(SYSTEM, lambda tx: tenants.named(tx, name))


def _represent(tenant: Tenant, call: Call) -> dict[str, Any]:
    return {
        "now": tenant.clock.read(call.site.now()).isoformat(),
        "frozen": tenant.clock.frozen_at is not None,
        "offsetSeconds": tenant.clock.offset_seconds,
    }
