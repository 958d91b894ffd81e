"""Renew-Subscription, RFC 3995 section 11.2.6: a new lease, on the tenant's clock."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.services import event_subscriptions
from upsim.wire.ipp import build
from upsim.wire.ipp.tags import GroupTag


async def renew_subscription(request: IppRequest) -> web.StreamResponse:
    call, number = request.call, request.required_integer("notify-subscription-id")
    asked = request.group(GroupTag.SUBSCRIPTION).integer("notify-lease-duration")
    asked = request.attributes.integer("notify-lease-duration") if asked is None else asked
    lease = await call.write(event_subscriptions.renew, call.caller, request.printer, number, asked)
    return request.answer(build.group(GroupTag.SUBSCRIPTION, build.integer("notify-lease-duration", lease)))
