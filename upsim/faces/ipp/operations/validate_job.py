"""Validate-Job, RFC 8011 section 4.2.3: everything of Print-Job but the job."""

from aiohttp import web

from upsim.faces.ipp.request import IppRequest
from upsim.faces.ipp.submissions import read_wish, represent_ignored
from upsim.services import submission
from upsim.wire.ipp.status import Status


async def validate_job(request: IppRequest) -> web.StreamResponse:
    call = request.call
    judgement = await call.read(submission.validate, call.caller, request.printer, read_wish(request))
    if ignored := represent_ignored(judgement):
        return request.answer(*ignored, status=Status.SUCCESSFUL_OK_IGNORED_OR_SUBSTITUTED_ATTRIBUTES)
    return request.answer()
