"""A tenant's clock: look at it, stop it, let it run, and move it so that all that falls due happens."""

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import taking, tenant_named
from upsim.domain.clock import RATE_MAX
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as
from upsim.services import due, tenants
from upsim.services.ports import SYSTEM

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Rate = Annotated[float, msgspec.Meta(gt=0, le=RATE_MAX)]


class ClockChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PATCH: seconds to advance by (never back), whether the clock stands still, how fast it runs."""

    advance_seconds: Seconds = 0.0
    frozen: bool | None = None
    rate: Rate | None = None


class Advance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far to move: by a time, to an instant, or (neither) to the next thing that is due.

    With `until` it stops when that event is written, at the latest at the end of the given time.
    """

    by_seconds: Seconds | None = None
    to: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    until: due.Condition | None = None


async def get(call: Call) -> web.Response:
    """Return the time of the clock, and when something is due next."""
    tenant = await tenant_named(call)
    following = await call.site.store.read(tenant.id, due.next_instant)
    return json_response(represent(tenant, call) | {"nextDue": following and following.isoformat()})


@taking(ClockChange)
async def patch(call: Call) -> web.Response:
    """Move the clock, stop it or let it run; what falls due on the way happens."""
    change = await read_as(call, ClockChange, "a change of the clock")
    tenant = await tenant_named(call)
    if change.advance_seconds:
        now = await call.site.store.now(tenant.id)
        await _advance(call, tenant, now + timedelta(seconds=change.advance_seconds), None)
    if change.frozen is not None:
        await call.site.store.write(
            SYSTEM, lambda tx: tenants.set_clock(tx, tenant.id, is_frozen=bool(change.frozen))
        )
    if change.rate is not None:
        rate = change.rate
        await call.site.store.write(SYSTEM, lambda tx: tenants.run_clock(tx, tenant.id, rate=rate))
    tenant = await call.site.store.read(SYSTEM, lambda tx: tenants.named(tx, tenant.id))
    return json_response(represent(tenant, call))


@taking(Advance)
async def advance(call: Call) -> web.Response:
    """Move the clock and answer with what happened, in order."""
    wanted = await read_as(call, Advance, "a move of the clock")
    if wanted.by_seconds is not None and wanted.to is not None:
        raise Refusal(RefusalKind.INVALID, "Give bySeconds or to, not both.", reason="body-invalid")
    tenant = await tenant_named(call)
    now = await call.site.store.now(tenant.id)
    to = wanted.to if wanted.by_seconds is None else now + timedelta(seconds=wanted.by_seconds)
    if to is not None and to < now:
        raise Refusal(
            RefusalKind.INVALID, f"The clock does not go back; it shows {now.isoformat()}.", reason="clock-back"
        )
    moved = await _advance(call, tenant, to, wanted.until)
    return json_response(
        {
            "now": moved.now.isoformat(),
            "settled": moved.is_settled,
            "met": moved.is_met,
            "happened": [_represent_happened(item) for item in moved.happened],
        }
    )


async def _advance(call: Call, tenant: Tenant, to: datetime | None, until: due.Condition | None) -> due.Moved:
    return await call.site.worker.advance(tenant.id, to=to, until=until)


def _represent_happened(item: due.Happened) -> dict[str, Any]:
    return {
        "at": item.at.isoformat(),
        "kind": item.kind,
        "id": item.id,
        "what": item.what,
        "events": [{"name": event.name, "subject": event.subject} for event in item.events],
    }


def represent(tenant: Tenant, call: Call) -> dict[str, Any]:
    """A clock: what it shows and how it runs."""
    return {
        "now": tenant.clock.read(call.site.now()).isoformat(),
        "mode": tenant.clock.mode,
        "frozen": tenant.clock.frozen_at is not None,
        "rate": tenant.clock.rate,
        "offsetSeconds": tenant.clock.offset_seconds,
    }
