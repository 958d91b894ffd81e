"""Hold-Job, RFC 8011 section 4.3.5."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.server.ipp_attributes import read_attributes
from upsim.services import job_control


async def hold_job(request: IppRequest) -> web.StreamResponse:
    call = request.call
    told = read_attributes(item for item in request.attributes if item.name == "job-hold-until")
    until = next((values[0] for values in told.values()), None)
    await call.write(job_control.hold, call.caller, request.printer, request.job_id, until)
    return request.answer()
