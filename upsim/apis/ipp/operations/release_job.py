"""Release-Job, RFC 8011 section 4.3.6."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.services import job_control


async def release_job(request: IppRequest) -> web.StreamResponse:
    call = request.call
    await call.write(job_control.release, call.caller, request.printer, request.job_id)
    return request.answer()
