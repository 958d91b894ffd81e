"""Get-Printer-Attributes, RFC 8011 section 4.2.5."""

from aiohttp import web

from upsim.faces.ipp.compiled import represent_printer
from upsim.faces.ipp.printer_attributes import PrinterView
from upsim.faces.ipp.request import IppRequest
from upsim.faces.ipp.requested import Requested
from upsim.services import queues


async def get_printer_attributes(request: IppRequest) -> web.StreamResponse:
    target = request.printer
    view = PrinterView(
        target=target,
        base_url=request.call.base_url,
        operations=request.operations,
        queued_job_count=await request.call.recall(queues.count_waiting, target.printer.id),
    )
    return request.answer(represent_printer(view, Requested.of(request.attributes)))
