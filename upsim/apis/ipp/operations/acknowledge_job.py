"""Acknowledge-Job, PWG 5100.18: the device takes the job, or says by fetch-status-code that it cannot."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.services.jobs import device as device_jobs
from upsim.wire.ipp.status import Status


async def acknowledge_job(request: IppRequest) -> web.StreamResponse:
    call, printer_id, user = request.call, request.printer.printer.id, request.user_name
    if (request.attributes.integer("fetch-status-code") or 0) >= Status.CLIENT_ERROR_BAD_REQUEST:
        message = request.attributes.string("fetch-status-message") or ""
        await call.write(device_jobs.decline, call.caller, printer_id, request.job_id, message, user)
    else:
        await call.write(device_jobs.acknowledge, call.caller, printer_id, request.job_id, user)
    return request.answer()
