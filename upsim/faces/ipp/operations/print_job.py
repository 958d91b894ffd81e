"""Print-Job, RFC 8011 section 4.2.1: a job and its document in one request."""

from aiohttp import web

from upsim.domain.faults import Fault, Refused
from upsim.faces.ipp import submissions
from upsim.faces.ipp.request import IppRequest
from upsim.services import submission


async def print_job(request: IppRequest) -> web.StreamResponse:
    call, printer, wish = request.call, request.printer, submissions.read_wish(request)
    await call.read(submission.validate, call.caller, printer, wish)
    received = await submissions.receive(request, wish.compression)
    if received is None:
        raise Refused(Fault.INVALID, "There is no document behind the message.", reason="document-missing")
    try:
        made = await call.write(submission.print_job, call.caller, printer, wish, received)
    except Refused:
        await submissions.forget(request, received)
        raise
    return submissions.answer_submitted(request, made)
