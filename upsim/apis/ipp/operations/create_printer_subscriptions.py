"""Create-Printer-Subscriptions and Create-Job-Subscriptions, RFC 3995 section 11.1.

Each subscription group of the request has its own outcome, in a group of the response at the same place.
"""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.subscription_attributes import read_templates, represent_outcome
from upsim.domain.caller import Caller
from upsim.domain.event_subscription import EventSubscription
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services import event_subscriptions
from upsim.services.event_subscriptions import SubscriptionTemplate
from upsim.services.ports import Transaction
from upsim.services.targets import Target
from upsim.wire.ipp.status import Status


async def create_printer_subscriptions(request: IppRequest) -> web.StreamResponse:
    return await _create(request, None)


async def create_job_subscriptions(request: IppRequest) -> web.StreamResponse:
    return await _create(request, request.attributes.integer("notify-job-id") or request.job_id)


async def _create(request: IppRequest, job_number: int | None) -> web.StreamResponse:
    call = request.call
    templates = read_templates(request.message)
    if not templates:
        raise Refusal(RefusalKind.INVALID, "The request has no subscription group.", reason="subscription-missing")
    made = await call.write(_create_all, call.caller, request.printer, templates, job_number)
    refusal = [item for item in made if isinstance(item, Refusal)]
    status = Status.SUCCESSFUL_OK
    if refusal:
        status = Status.SUCCESSFUL_OK_IGNORED_SUBSCRIPTIONS
    if len(refusal) == len(made):
        status = Status.CLIENT_ERROR_IGNORED_ALL_SUBSCRIPTIONS
    groups = [represent_outcome(item, request.printer.settings) for item in made]
    return request.answer(*groups, status=status)


def _create_all(
    tx: Transaction, caller: Caller, target: Target, templates: list[SubscriptionTemplate], job_number: int | None
) -> list[EventSubscription | Refusal]:
    return [event_subscriptions.create(tx, caller, target, template, job_number) for template in templates]
