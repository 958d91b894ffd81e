"""Acknowledge-Identify-Printer, PWG 5100.18: the device asks how it is to show itself."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.services import identification
from upsim.wire.ipp import build
from upsim.wire.ipp.tags import GroupTag


async def acknowledge_identify_printer(request: IppRequest) -> web.StreamResponse:
    call = request.call
    wish = await call.write(identification.acknowledge, call.caller, request.printer.printer.id)
    told = [build.keyword("identify-actions", *wish.actions)]
    if wish.message:
        told.append(build.text("message", wish.message))
    return request.answer(build.group(GroupTag.OPERATION, *told))
