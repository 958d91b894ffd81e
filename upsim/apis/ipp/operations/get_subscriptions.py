"""Get-Subscriptions and Get-Subscription-Attributes, RFC 3995 section 11.2."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.requested import Requested
from upsim.apis.ipp.subscription_attributes import represent_subscription
from upsim.services import event_subscriptions


async def get_subscriptions(request: IppRequest) -> web.StreamResponse:
    call, attributes = request.call, request.attributes
    job_number, limit = attributes.integer("notify-job-id"), attributes.integer("limit")
    found = await call.read(event_subscriptions.find, call.caller, request.printer, job_number, limit)
    requested = Requested.of(attributes, ("notify-subscription-id",))
    return request.answer(*[represent_subscription(item, request, requested) for item in found])


async def get_subscription_attributes(request: IppRequest) -> web.StreamResponse:
    call, number = request.call, request.required_integer("notify-subscription-id")
    found = await call.read(event_subscriptions.get, call.caller, request.printer, number)
    return request.answer(represent_subscription(found, request, Requested.of(request.attributes)))
