"""print/printers and print/operations."""

from functools import partial

from aiohttp import web

from upsim.apis.graph.answers import count as count_of
from upsim.apis.graph.answers import entity_response, many, one
from upsim.apis.graph.bodies import Body, Parameters, taking
from upsim.apis.graph.ipp_attributes import read_printer_attributes
from upsim.apis.graph.navigation import represent
from upsim.apis.graph.resources.print_operation import represent_operation
from upsim.apis.graph.resources.printer import WRITABLE, read_printer
from upsim.apis.graph.resources.printer_base import represent_old_capabilities
from upsim.apis.graph.selection import Json, view_of
from upsim.server.context import Call
from upsim.services import printer_removal, printers, registration, shares
from upsim.services.ports import Transaction

UNSUPPORTED = frozenset({"$count", "$search"})
UPDATES = {kind: Body("printer", writable) for kind, writable in WRITABLE.items()}
UPDATE = Body("printer", frozenset().union(*WRITABLE.values()))
"""Members that some caller may set in an update."""


async def list_all(call: Call) -> web.Response:
    return await many(
        call,
        "printer",
        "print/printers",
        partial(printers.list_administered, caller=call.caller),
        UNSUPPORTED,
    )


async def count(call: Call) -> web.Response:
    return await count_of(call, "printer", partial(printers.list_administered, caller=call.caller))


async def get(call: Call) -> web.Response:
    load = partial(printers.get, printer_id=call.parameters["printer"])
    return await one(call, "printer", "print/printers/$entity", load)


async def get_of_share(call: Call) -> web.Response:
    share_id = call.parameters["share"]
    return await one(
        call, "printer", "print/printers/$entity", lambda tx: shares.get(tx, call.caller, share_id)[1]
    )


@taking(Parameters("create"))
async def create(call: Call, given: Json) -> web.Response:
    request = registration.RegistrationRequest(
        display_name=given["displayName"],
        manufacturer=given["manufacturer"],
        model=given["model"],
        certificate_request=given["certificateSigningRequest"]["content"],
        has_physical_device=given.get("hasPhysicalDevice") is not False,
        physical_device_id=given.get("physicalDeviceId"),
        connector_id=given.get("connectorId"),
    )
    operation, seconds = await call.write(registration.create, call.caller, request, call.site.certificates)
    location = f"{call.base_url}/{call.version}/print/operations/{operation.id}"
    return web.Response(status=202, headers={"Operation-Location": location, "Retry-After": str(seconds)})


async def get_operation(call: Call) -> web.Response:
    view = view_of(call)
    operation_id = call.parameters["operation"]

    def unit(tx: Transaction) -> tuple[Json, int | None]:
        operation, printer, seconds = registration.poll_registration(tx, operation_id, call.site.certificates)
        return represent_operation(tx, view, operation, printer), seconds

    body, seconds = await call.write(unit)
    response = entity_response(view, "print/operations/$entity", body)
    if seconds is not None:
        response.headers["Retry-After"] = str(seconds)
    return response


async def update(call: Call) -> web.Response:
    """Update by JSON of an administrator or of the application that registered the printer, or by its IPP."""
    if call.request.content_type == "application/ipp":
        return await _update_from_ipp(call)
    given = await UPDATES[call.caller.kind].read(call)
    view, printer_id, change = view_of(call), call.parameters["printer"], read_printer(given)
    body = await call.write(
        lambda tx: represent(tx, view, "printer", printers.change(tx, call.caller, printer_id, change))
    )
    return entity_response(view, "print/printers/$entity", body)


async def _update_from_ipp(call: Call) -> web.Response:
    attributes = read_printer_attributes(await call.body())
    await call.write(printers.describe_as_application, call.caller, call.parameters["printer"], attributes)
    return web.Response(status=204)


async def restore_factory_defaults(call: Call) -> web.Response:
    await call.write(printers.restore_defaults, call.parameters["printer"])
    return web.Response(status=204)


async def get_capabilities(call: Call) -> web.Response:
    view = view_of(call)
    printer = await call.read(printers.get, call.parameters["printer"])
    body = represent_old_capabilities(printer)
    return entity_response(view, "microsoft.graph.printerCapabilities", body)


async def delete(call: Call) -> web.Response:
    await call.write(printer_removal.delete, call.parameters["printer"])
    return web.Response(status=204)
