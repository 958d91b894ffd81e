"""Identify-Printer, PWG 5100.13 section 4.1: have the printer show where it stands."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.services import identification


async def identify_printer(request: IppRequest) -> web.StreamResponse:
    await request.call.write(
        identification.request,
        request.printer.printer.id,
        request.attributes.strings("identify-actions"),
        request.attributes.string("message") or "",
    )
    return request.answer()
