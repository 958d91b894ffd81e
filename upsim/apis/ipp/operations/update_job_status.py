"""Update-Job-Status, PWG 5100.18: what the device says of a job that it took."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.server.ipp_attributes import read_attributes
from upsim.services.jobs import device as device_jobs
from upsim.wire.ipp.tags import GroupTag

_MESSAGES = ("microsoft-output-device-job-state-message", "output-device-job-state-message")
"""Where the device explains itself, the fuller text first."""
_NOT_KEPT = {
    "job-id",
    "output-device-job-state",
    "output-device-job-state-reasons",
    "output-device-job-state-message",
}


async def update_job_status(request: IppRequest) -> web.StreamResponse:
    call, told = request.call, request.group(GroupTag.JOB)
    await call.write(
        device_jobs.update_status,
        call.caller,
        request.printer.printer.id,
        request.job_id,
        state=told.integer("output-device-job-state"),
        reasons=told.strings("output-device-job-state-reasons"),
        message=next((text for name in _MESSAGES if (text := told.string(name))), None),
        reported=read_attributes(item for item in told.attributes if item.name not in _NOT_KEPT),
    )
    return request.answer()
