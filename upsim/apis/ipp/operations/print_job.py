"""Print-Job, RFC 8011 section 4.2.1: a job and its document in one request."""

from aiohttp import web

from upsim.apis.ipp import submissions
from upsim.apis.ipp.request import IppRequest
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services import submission


async def print_job(request: IppRequest) -> web.StreamResponse:
    call, printer, submitted = request.call, request.printer, submissions.read_submission(request)
    await call.read(submission.validate, call.caller, printer, submitted)
    received = await submissions.receive(request, submitted.compression)
    if received is None:
        raise Refusal(RefusalKind.INVALID, "There is no document behind the message.", reason="document-missing")
    try:
        made = await call.write(submission.print_job, call.caller, printer, submitted, received)
    except Refusal:
        await submissions.forget(request, received)
        raise
    return submissions.answer_submitted(request, made)
