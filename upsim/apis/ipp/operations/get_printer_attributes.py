"""Get-Printer-Attributes, RFC 8011 section 4.2.5.

The attributes do not depend on document-format, but one that the printer does not take is refused.
"""

from aiohttp import web

from upsim.apis.ipp.printer_attributes import PrinterView, group_of, printer_attributes
from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.requested import Requested
from upsim.services import submission
from upsim.services.jobs import queue
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import Attribute, AttributeGroup

ONLY_BY_NAME = frozenset({"media-col-database"})
"""Too long to be sent unasked (PWG 5100.7 section 6.5.4)."""


async def get_printer_attributes(request: IppRequest) -> web.StreamResponse:
    call, target = request.call, request.printer
    if wanted_format := request.attributes.string("document-format"):
        await call.read(submission.check_format, target, wanted_format)
    view = PrinterView(
        target=target,
        base_url=call.base_url,
        operations=request.operations,
        queued_job_count=await call.read(queue.count_waiting, target.printer.id),
    )
    requested = Requested.of(request.attributes)
    wanted = [item for item in printer_attributes(view) if _is_wanted(item, requested)]
    return request.answer(AttributeGroup(GroupTag.PRINTER, tuple(wanted)))


def _is_wanted(attribute: Attribute, requested: Requested) -> bool:
    name = attribute.name
    return requested.names(name) or (name not in ONLY_BY_NAME and requested.admits(name, (group_of(name),)))
