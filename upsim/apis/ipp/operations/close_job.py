"""Close-Job, PWG 5100.7 section 5.2: no more documents will come.

IANA gives it 0x003B; Microsoft's library sends 0x003A, which is Resubmit-Job. Both are served.
"""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.submissions import answer_standing
from upsim.services import submission


async def close_job(request: IppRequest) -> web.StreamResponse:
    call = request.call
    job = await call.write(submission.close, call.caller, request.printer, request.job_id)
    return answer_standing(request, job)
