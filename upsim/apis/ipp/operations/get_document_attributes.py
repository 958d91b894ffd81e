"""Get-Document-Attributes, PWG 5100.5 section 4.3."""

from aiohttp import web

from upsim.apis.ipp.document_attributes import represent_document
from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.requested import Requested
from upsim.services.jobs import queue


async def get_document_attributes(request: IppRequest) -> web.StreamResponse:
    call, number = request.call, request.required_integer("document-number")
    job = await call.read(queue.get_document, call.caller, request.printer, request.job_id, number)
    requested = Requested.of(request.attributes)
    return request.answer(represent_document(job, request.printer, call.base_url, requested))
