"""Deregister-Output-Device, PWG 5100.18: the device goes away; its jobs wait for another."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.services.jobs import device as device_jobs


async def deregister_output_device(request: IppRequest) -> web.StreamResponse:
    call = request.call
    await call.write(device_jobs.deregister, call.caller, request.printer.printer.id)
    return request.answer()
