"""Acknowledge-Document, PWG 5100.18: the device has all of the document."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.services.jobs import device as device_jobs


async def acknowledge_document(request: IppRequest) -> web.StreamResponse:
    call, number = request.call, request.required_integer("document-number")
    await call.write(
        device_jobs.acknowledge_document, call.caller, request.printer.printer.id, request.job_id, number
    )
    return request.answer()
