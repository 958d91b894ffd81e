"""Cancel-Job, RFC 8011 section 4.3.3."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.services import job_control


async def cancel_job(request: IppRequest) -> web.StreamResponse:
    call = request.call
    await call.write(job_control.cancel, call.caller, request.printer, request.job_id)
    return request.answer()
