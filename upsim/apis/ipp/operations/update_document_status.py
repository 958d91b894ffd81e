"""Update-Document-Status, PWG 5100.18: how far the device is with the document."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.server.ipp_attributes import read_attributes
from upsim.services.jobs import device as device_jobs
from upsim.wire.ipp.tags import GroupTag

_STANDING = "output-device-document-state"


async def update_document_status(request: IppRequest) -> web.StreamResponse:
    call, told = request.call, request.group(GroupTag.DOCUMENT)
    await call.write(
        device_jobs.update_document_status,
        call.caller,
        request.printer.printer.id,
        request.job_id,
        request.required_integer("document-number"),
        state=told.integer(_STANDING),
        reasons=told.strings(f"{_STANDING}-reasons"),
        reported=read_attributes(item for item in told.attributes if not item.name.startswith(_STANDING)),
    )
    return request.answer()
