"""Get-Documents, PWG 5100.5 section 4.4: the one document of a job, once it is there."""

from aiohttp import web

from upsim.apis.ipp.document_attributes import represent_document
from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.requested import Requested
from upsim.services.jobs import queue


async def get_documents(request: IppRequest) -> web.StreamResponse:
    call = request.call
    job = await call.read(queue.get_job, call.caller, request.printer, request.job_id)
    if job.document.uploaded_at is None:
        return request.answer()
    requested = Requested.of(request.attributes, ("document-number",))
    return request.answer(represent_document(job, request.printer, call.base_url, requested))
