"""Get-Notifications, RFC 3996 section 5: the notices that wait, or with notify-wait the next to come.

A waiting request is answered at the first notice, or empty after `WAIT_SECONDS` of real time.
"""

import asyncio

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.subscription_attributes import represent_notice
from upsim.domain.event_subscription import EventSubscription, Notice
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services import event_subscriptions
from upsim.wire.ipp import build
from upsim.wire.ipp.tags import GroupTag

WAIT_SECONDS = 30.0
POLL_SECONDS = 10
"""notify-get-interval for who does not wait: within ippget-event-life."""
POLL_AGAIN_SECONDS = 1
"""notify-get-interval for who waits: the server did the waiting."""


async def get_notifications(request: IppRequest) -> web.StreamResponse:
    target, base_url = request.printer, request.call.base_url
    wanted = _read_wanted(request)
    is_waiting = request.attributes.boolean("notify-wait") or False
    found = await _wait(request, wanted, WAIT_SECONDS if is_waiting else 0)
    told = build.group(
        GroupTag.OPERATION,
        build.integer("notify-get-interval", POLL_AGAIN_SECONDS if is_waiting else POLL_SECONDS),
        build.integer(
            "printer-up-time", target.seconds(await request.call.site.store.now(request.call.tenant_id))
        ),
    )
    return request.answer(told, *[represent_notice(*item, target, base_url) for item in found])


def _read_wanted(request: IppRequest) -> dict[int, int]:
    """Subscription ids, each with the lowest sequence number that is wanted; 1 where the request names none."""
    numbers = request.attributes.integers("notify-subscription-ids")
    lowest = request.attributes.integers("notify-sequence-numbers")
    if not numbers:
        raise Refusal(RefusalKind.INVALID, "notify-subscription-ids is missing.", reason="attribute-missing")
    return {number: lowest[index] if index < len(lowest) else 1 for index, number in enumerate(numbers)}


async def _wait(
    request: IppRequest, wanted: dict[int, int], seconds: float
) -> list[tuple[EventSubscription, Notice]]:
    call, loop = request.call, asyncio.get_running_loop()
    deadline = loop.time() + seconds
    with call.site.store.changes(call.tenant_id) as changes:
        while True:
            found = await call.read(event_subscriptions.waiting, call.caller, request.printer, wanted)
            remaining = deadline - loop.time()
            if found or remaining <= 0 or not await changes.wait(remaining):
                return found
