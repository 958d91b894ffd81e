"""Fetch-Document, PWG 5100.18: an IPP response with the document's octets behind it."""

from aiohttp import web

from upsim.apis.ipp import documents
from upsim.apis.ipp.request import IppRequest
from upsim.services.jobs import device as device_jobs
from upsim.wire.ipp import build
from upsim.wire.ipp.tags import GroupTag


async def fetch_document(request: IppRequest) -> web.StreamResponse:
    call, attributes = request.call, request.attributes
    job = await call.write(
        device_jobs.fetch_document,
        call.caller,
        request.printer.printer.id,
        request.job_id,
        request.required_integer("document-number"),
        attributes.strings("document-format-accepted"),
        request.user_name,
    )
    compression = documents.choose_compression(attributes.strings("compression-accepted"))
    described = build.group(
        GroupTag.OPERATION,
        build.keyword("compression", compression),
        build.mime("document-format", job.document.payload_format or device_jobs.ANY_FORMAT),
    )
    return await documents.send(request, job.document, request.encode_answer([described]), compression)
