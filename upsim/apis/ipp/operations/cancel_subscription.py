"""Cancel-Subscription, RFC 3995 section 11.2.7."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.services import event_subscriptions


async def cancel_subscription(request: IppRequest) -> web.StreamResponse:
    call, number = request.call, request.required_integer("notify-subscription-id")
    await call.write(event_subscriptions.cancel, call.caller, request.printer, number)
    return request.answer()
