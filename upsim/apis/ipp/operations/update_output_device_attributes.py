"""Update-Output-Device-Attributes, PWG 5100.18: the device describes itself.

Everything once, then only what changed: whole attributes, or single values as `name.N` and `name.N-M`. The
out-of-band value delete-attribute takes an attribute or its values back.
"""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.server.ipp_attributes import read_changes
from upsim.services import printers
from upsim.wire.ipp.tags import GroupTag


async def update_output_device_attributes(request: IppRequest) -> web.StreamResponse:
    call = request.call
    told, deleted = read_changes(request.group(GroupTag.PRINTER))
    await call.write(printers.describe_as_device, call.caller, request.printer.printer.id, told, deleted)
    return request.answer()
