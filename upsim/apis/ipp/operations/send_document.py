"""Send-Document, RFC 8011 section 4.3.1: the document of a job that Create-Job made, or no more of them."""

from aiohttp import web

from upsim.apis.ipp import submissions
from upsim.apis.ipp.request import IppRequest
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services import submission


async def send_document(request: IppRequest) -> web.StreamResponse:
    call, printer, submitted = request.call, request.printer, submissions.read_submission(request)
    is_last = request.attributes.boolean("last-document")
    if is_last is None:
        raise Refusal(
            RefusalKind.INVALID, "The operation attribute last-document is missing.", reason="attribute-missing"
        )
    await call.read(submission.expect, call.caller, printer, request.job_id, submitted)
    received = await submissions.receive(request, submitted.compression)
    try:
        job = await call.write(
            submission.receive, call.caller, printer, request.job_id, submitted, received, is_last=is_last
        )
    except Refusal:
        await submissions.forget(request, received)
        raise
    return submissions.answer_standing(request, job)
