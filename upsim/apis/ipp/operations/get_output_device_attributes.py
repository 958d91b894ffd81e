"""Get-Output-Device-Attributes, PWG 5100.18: what the device itself reported, and nothing of the service's."""

from aiohttp import web

from upsim.apis.ipp.printer_attributes import group_of
from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.requested import Requested
from upsim.server.ipp_attributes import represent_attributes
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import AttributeGroup


async def get_output_device_attributes(request: IppRequest) -> web.StreamResponse:
    requested = Requested.of(request.attributes)
    reported = represent_attributes(request.printer.printer.attributes)
    wanted = [item for item in reported if requested.admits(item.name, (group_of(item.name),))]
    return request.answer(AttributeGroup(GroupTag.PRINTER, tuple(wanted)))
