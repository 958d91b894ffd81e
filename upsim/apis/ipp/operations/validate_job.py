"""Validate-Job, RFC 8011 section 4.2.3: everything of Print-Job but the job."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.submissions import answer_judged, read_wish
from upsim.services import event_subscriptions, submission


async def validate_job(request: IppRequest) -> web.StreamResponse:
    call, wish = request.call, read_wish(request)
    judgement = await call.read(submission.validate, call.caller, request.printer, wish)
    return answer_judged(
        request, judgement, None, [event_subscriptions.judge(each) for each in wish.subscriptions]
    )
