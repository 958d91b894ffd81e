"""Acknowledge-Identify-Printer, PWG 5100.18: the device asks how it is to show itself."""

from aiohttp import web

from upsim.apis.ipp.request import IppRequest
from upsim.services import identification
from upsim.wire.ipp import build
from upsim.wire.ipp.tags import GroupTag


async def acknowledge_identify_printer(request: IppRequest) -> web.StreamResponse:
    call = request.call
    asked = await call.write(identification.acknowledge, call.caller, request.printer.printer.id)
    told = [build.keyword("identify-actions", *asked.actions)]
    if asked.message:
        told.append(build.text("message", asked.message))
    return request.answer(build.group(GroupTag.OPERATION, *told))
