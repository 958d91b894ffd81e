"""Validate-Job, RFC 8011 section 4.2.3: everything of Print-Job but the job."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.submissions import answer_judged, read_submission
from upsim.services import event_subscriptions, submission


async def validate_job(request: IppRequest) -> web.StreamResponse:
    call, submitted = request.call, read_submission(request)
    judgement = await call.read(submission.validate, call.caller, request.printer, submitted)
    return answer_judged(
        request, judgement, None, [event_subscriptions.judge(each) for each in submitted.subscriptions]
    )
