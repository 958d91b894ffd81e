"""Fetch-Job, PWG 5100.18: the job as the device is to print it."""

from aiohttp import web

from upsim.apis.ipp.job_attributes import represent_job
from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.requested import Requested
from upsim.services.jobs import device as device_jobs


async def fetch_job(request: IppRequest) -> web.StreamResponse:
    call, printer = request.call, request.printer
    job = await call.read(device_jobs.fetch, call.caller, printer.printer.id, request.job_id, request.user_name)
    return request.answer(represent_job(job, printer, call.base_url, Requested.of(request.attributes)))
