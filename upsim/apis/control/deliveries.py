"""The log of a tenant's change notifications: each call to a receiver and how it ended."""

from typing import Any

from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import taking, tenant_named
from upsim.domain.change_subscription import DeliveryAttempt
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_query
from upsim.services import deliveries


class Wanted(Struct, frozen=True):
    """The query parameters."""

    subscription: str | None = None
    """Only attempts of this subscription."""


@taking(query=Wanted)
async def list_attempts(call: Call) -> web.Response:
    """Return every attempt, oldest first; with `subscription`, those of one."""
    tenant = await tenant_named(call)
    wanted = read_query(call, Wanted).subscription
    found = await call.site.store.read(tenant.id, lambda tx: deliveries.log_of(tx, wanted))
    return json_response({"value": [_represent(attempt) for attempt in found]})


def _represent(attempt: DeliveryAttempt) -> dict[str, Any]:
    return {
        "number": int(attempt.id),
        "at": attempt.at.isoformat(),
        "purpose": attempt.purpose,
        "url": attempt.url,
        "subscriptionId": attempt.subscription_id or None,
        "attempt": attempt.failures + 1,
        "resources": list(attempt.resources),
        "outcome": attempt.outcome,
        "status": attempt.status,
        "detail": attempt.detail,
        "dropped": attempt.dropped,
        "retryAt": attempt.retry_at and attempt.retry_at.isoformat(),
    }
