"""Create-Job, RFC 8011 section 4.2.4: a job whose document follows by Send-Document."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.submissions import answer_submitted, read_submission
from upsim.services import submission


async def create_job(request: IppRequest) -> web.StreamResponse:
    call = request.call
    made = await call.write(submission.create, call.caller, request.printer, read_submission(request))
    return answer_submitted(request, made)
