"""Get-Printer-Supported-Values, RFC 3380 section 4.3: what Set-Printer-Attributes may be given."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.requested import Requested
from upsim.server.ipp_attributes import represent_attributes
from upsim.services import job_control
from upsim.wire.ipp import build
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import AttributeGroup


async def get_printer_supported_values(request: IppRequest) -> web.StreamResponse:
    requested = Requested.of(request.attributes)
    choices = represent_attributes(job_control.settable_defaults(request.printer.printer))
    settable = [*choices, build.admin_define(job_control.PRINTER_NAME)]
    wanted = [item for item in settable if requested.admits(item.name, ("job-template",))]
    return request.answer(AttributeGroup(GroupTag.PRINTER, tuple(wanted)))
