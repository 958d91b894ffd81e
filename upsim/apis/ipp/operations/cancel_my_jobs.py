"""Cancel-My-Jobs, PWG 5100.11: the caller's jobs on the printer, all or those of job-ids."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.services import job_control


async def cancel_my_jobs(request: IppRequest) -> web.StreamResponse:
    call = request.call
    numbers = request.attributes.integers("job-ids")
    await call.write(job_control.cancel_mine, call.caller, request.printer, numbers)
    return request.answer()
