"""Set-Job-Attributes, RFC 3380 section 4.2: all of the changes, or none."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.server.ipp_attributes import read_changes
from upsim.services import job_control
from upsim.wire.ipp.tags import GroupTag


async def set_job_attributes(request: IppRequest) -> web.StreamResponse:
    call = request.call
    wanted, deleted = read_changes(request.group(GroupTag.JOB))
    await call.write(job_control.change, call.caller, request.printer, request.job_id, wanted, deleted)
    return request.answer()
