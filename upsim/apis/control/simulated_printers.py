"""Printers that upsim simulates inside, so that jobs complete by themselves on the tenant's clock."""

from typing import Any

from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import taking, tenant_named
from upsim.domain.persona import Persona
from upsim.domain.simulation import SimulatedDevice
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as
from upsim.server.spelling import to_json
from upsim.services import personas, printers, pull_printing, simulation
from upsim.services.ports import Transaction

Json = dict[str, Any]


class NewPrinter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of POST; `persona` is a name or a persona of its own."""

    display_name: str
    persona: str | Persona = "ideal"
    share: str | None = None
    """Display name of a share for everybody."""


class Simulation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of PUT."""

    persona: str | Persona = "ideal"


class Tap(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of POST .../tap: what the reader reads."""

    badge: str


async def list_personas(call: Call) -> web.Response:  # noqa: ARG001 - the handler's shape
    """Return the personas that come with upsim."""
    found = [{"name": name, **to_json(personas.named(name))} for name in personas.names()]
    return json_response({"value": found})


async def list_all(call: Call) -> web.Response:
    """Return every printer that has a simulated device."""
    tenant = await tenant_named(call)

    def unit(tx: Transaction) -> list[Json]:
        return [_represent(tx, device) for device in simulation.list_all(tx)]

    return json_response({"value": await call.site.store.read(tenant.id, unit)})


@taking(NewPrinter)
async def create(call: Call) -> web.Response:
    """Return a printer with a simulated device, without registration."""
    wanted = await read_as(call, NewPrinter, "a simulated printer")
    tenant, persona = await tenant_named(call), personas.chosen(wanted.persona)

    def unit(tx: Transaction) -> Json:
        printer = simulation.create(tx, wanted.display_name, persona, wanted.share)
        return _represent(tx, simulation.get(tx, printer.id))

    return json_response(await call.site.store.write(tenant.id, unit), 201)


@taking(Simulation)
async def switch_on(call: Call) -> web.Response:
    """Give a printer that is there a simulated device, or another persona."""
    wanted = await read_as(call, Simulation, "a simulation")
    tenant, persona = await tenant_named(call), personas.chosen(wanted.persona)

    def unit(tx: Transaction) -> Json:
        return _represent(tx, simulation.switch_on(tx, call.parameters["printer"], persona))

    return json_response(await call.site.store.write(tenant.id, unit))


async def switch_off(call: Call) -> web.Response:
    """Remove the printer's simulated device."""
    tenant = await tenant_named(call)
    await call.site.store.write(tenant.id, lambda tx: simulation.switch_off(tx, call.parameters["printer"]))
    return web.Response(status=204)


@taking(Tap)
async def tap(call: Call) -> web.Response:
    """Return a badge at the reader of a simulated printer; by id or display name."""
    tenant, wanted = await tenant_named(call), await read_as(call, Tap, "a tap")

    def unit(tx: Transaction) -> list[Json]:
        printer = pull_printing.named(tx, call.parameters["printer"])
        return [
            {"id": job.id, "name": job.name, "user": job.created_by.user_principal_name}
            for job in simulation.tap(tx, printer.id, wanted.badge)
        ]

    return json_response({"value": await call.site.store.write(tenant.id, unit)})


def _represent(tx: Transaction, device: SimulatedDevice) -> Json:
    printer, share = printers.get(tx, device.id), printers.share_of(tx, device.id)
    return {
        "id": printer.id,
        "displayName": printer.display_name,
        "shareId": share.id if share else None,
        "persona": to_json(device.persona),
        "jobId": device.job_id,
        "nextStepAt": device.due_at and device.due_at.isoformat(),
    }
