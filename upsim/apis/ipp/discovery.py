"""Discovery for desktop clients: `GET /api/mod1.0/devices`, Mopria cloud discovery 1.0.

Clients read `uuid`, which is the share's id, and the first of `device_names`.
"""

from aiohttp import web

from upsim.apis.ipp import addresses
from upsim.domain.clouds import Service
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.server.context import Call, json_response
from upsim.services import shares


async def list_devices(call: Call) -> web.Response:
    """Return the shares that the caller may print to."""
    found = await call.read(shares.list_visible, call.caller)
    return json_response({"devices": [_represent(call, *pair) for pair in found]})


def _represent(call: Call, share: PrinterShare, printer: Printer) -> dict[str, object]:
    return {
        "uuid": share.id,
        "device_names": [{"name": share.display_name}],
        "manufacturer": printer.manufacturer,
        "model": printer.model,
        "uris": [addresses.printer_uri(call.url_of(Service.PRINT), share.id)],
    }
