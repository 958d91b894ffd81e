"""Set-Printer-Attributes, RFC 3380 section 4.1: an administrator chooses defaults, or another name."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.server.ipp_attributes import read_changes
from upsim.services import job_control
from upsim.wire.ipp.tags import GroupTag


async def set_printer_attributes(request: IppRequest) -> web.StreamResponse:
    wanted, deleted = read_changes(request.group(GroupTag.PRINTER))
    await request.call.write(job_control.change_printer, request.printer, wanted, deleted)
    return request.answer()
