"""Get-Job-Attributes, RFC 8011 section 4.3.4."""

from aiohttp import web

from upsim.apis.ipp.job_attributes import represent_job
from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.requested import Requested
from upsim.services.jobs import pacing, queue


async def get_job_attributes(request: IppRequest) -> web.StreamResponse:
    call = request.call
    job = await call.read(queue.get_job, call.caller, request.printer, request.job_id, request.user_name)
    if job.moves_by_reads and call.caller.kind == "user":
        await call.write(pacing.looked_at, job.id)
        job = await call.read(queue.get_job, call.caller, request.printer, request.job_id, request.user_name)
    return request.answer(represent_job(job, request.printer, call.base_url, Requested.of(request.attributes)))
