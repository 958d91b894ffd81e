"""Get-Printer-Attributes, RFC 8011 section 4.2.5.

The attributes do not depend on document-format, but one that the printer does not take is refused.
"""

from aiohttp import web

from upsim.apis.ipp.compiled import compile_printer, recall_printer
from upsim.apis.ipp.printer_attributes import PrinterView
from upsim.apis.ipp.request import IppRequest
from upsim.services import queues, submission


async def get_printer_attributes(request: IppRequest) -> web.StreamResponse:
    call, target = request.call, request.printer
    queued_job_count = await call.read(queues.count_waiting, target.printer.id)
    compiled = recall_printer(request, queued_job_count)
    if compiled is None:
        if wanted_format := request.attributes.string("document-format"):
            await call.read(submission.check_format, target, wanted_format)
        view = PrinterView(
            target=target,
            base_url=call.base_url,
            operations=request.operations,
            queued_job_count=queued_job_count,
        )
        compiled = compile_printer(view, request)
    return request.answer_repeatably(compiled.octets, compiled.begins, compiled.ends)
