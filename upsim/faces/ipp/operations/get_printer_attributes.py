"""Get-Printer-Attributes, RFC 8011 section 4.2.5.

The attributes do not depend on document-format, but one that the printer does not take is refused.
"""

from aiohttp import web

from upsim.faces.ipp.compiled import answer_printer
from upsim.faces.ipp.printer_attributes import PrinterView
from upsim.faces.ipp.request import IppRequest
from upsim.services import queues, submission


async def get_printer_attributes(request: IppRequest) -> web.StreamResponse:
    target = request.printer
    if wanted_format := request.attributes.string("document-format"):
        await request.call.read(submission.check_format, target, wanted_format)
    view = PrinterView(
        target=target,
        base_url=request.call.base_url,
        operations=request.operations,
        queued_job_count=await request.call.recall(queues.count_waiting, target.printer.id),
    )
    return request.answer_encoded(answer_printer(view, request))
