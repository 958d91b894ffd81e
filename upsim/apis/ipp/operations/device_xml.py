"""Microsoft's device-capability operations, 0x5000, 0x5001, 0x5100 and 0x5101: XML behind the message.

The codes, and that XML follows the end-of-attributes tag, were read in Microsoft's library. Which of the kept
documents answers is chosen.
"""

from aiohttp import web

from upsim.apis.ipp.request import CONTENT_TYPE, IppRequest
from upsim.domain.device_xml import CAPABILITIES, DEVICE_CAPABILITIES, RESOURCES, XML_BYTES_MAX
from upsim.services import device_xml


async def get_print_device_capabilities(request: IppRequest) -> web.StreamResponse:
    return await _answer(request, DEVICE_CAPABILITIES)


async def get_print_device_resources(request: IppRequest) -> web.StreamResponse:
    return await _answer(request, RESOURCES)


async def set_print_device_capabilities(request: IppRequest) -> web.StreamResponse:
    return await _keep(request, DEVICE_CAPABILITIES)


async def set_print_capabilities(request: IppRequest) -> web.StreamResponse:
    return await _keep(request, CAPABILITIES)


async def _answer(request: IppRequest, name: str) -> web.Response:
    octets = await request.call.read(device_xml.get, request.printer.printer, name)
    return web.Response(body=request.encode_answer(()) + octets, headers={"Content-Type": CONTENT_TYPE})


async def _keep(request: IppRequest, name: str) -> web.Response:
    octets = b""
    async for chunk in request.document():
        octets += chunk
        if len(octets) > XML_BYTES_MAX:
            break
    call = request.call
    await call.write(device_xml.keep, call.caller, request.printer.printer, name, octets)
    return request.answer()
