"""States of jobs and printers: held, stepped and forced (`upsim.services.jobs.pacing`, `.printer_states`)."""

from collections.abc import Callable
from typing import Any, Literal

from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import taking, tenant_named
from upsim.apis.control.printing import Json, represent_job, represent_printer
from upsim.domain.job import JobState
from upsim.domain.pacing import Pace
from upsim.domain.printer import PrinterState
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as
from upsim.services import printer_states, printers, simulation
from upsim.services.jobs import pacing
from upsim.services.ports import Transaction

JobStateName = Literal[
    "pending", "pending-held", "processing", "processing-stopped", "canceled", "aborted", "completed"
]


class ForcedJob(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a job shall be. The moves that lead there are made; where none do, `allowIllegal` must be said."""

    state: JobStateName
    reasons: tuple[str, ...] = ()
    """job-state-reasons (RFC 8011 section 5.3.8); none: the usual ones of the state."""
    message: str = ""
    allow_illegal: bool = False


class ForcedPrinter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a printer shall be."""

    state: Literal["idle", "processing", "stopped"]
    reasons: tuple[str, ...] = ()
    """printer-state-reasons (RFC 8011 section 5.4.12)."""
    message: str = ""
    hold: bool = False
    """Whether it stays so, whatever its device reports."""
    allow_illegal: bool = False


@taking(Pace)
async def set_job_pace(call: Call) -> web.Response:
    """Set the pace of the job's moves; `manual` holds it."""
    pace = await read_as(call, Pace, "a pace")
    return await _change_job(call, lambda tx, job_id: pacing.set_pace(tx, job_id, pace))


async def clear_job_pace(call: Call) -> web.Response:
    """Return the job goes on as any other."""
    return await _change_job(call, lambda tx, job_id: pacing.set_pace(tx, job_id, None))


async def step_job(call: Call) -> web.Response:
    """Make its next move."""
    return await _change_job(call, pacing.step)


@taking(ForcedJob)
async def force_job(call: Call) -> web.Response:
    """Put it into a state."""
    wanted = await read_as(call, ForcedJob, "a state of a job")
    state = JobState[wanted.state.upper().replace("-", "_")]

    def unit(tx: Transaction, job_id: str) -> Any:
        return pacing.force(
            tx, job_id, state, wanted.reasons, allow_illegal=wanted.allow_illegal, message=wanted.message
        )

    return await _change_job(call, unit)


@taking(Pace)
async def set_printer_pace(call: Call) -> web.Response:
    """Return the pace of all the printer's jobs that have not ended, and of those to come."""
    pace = await read_as(call, Pace, "a pace")
    return await _change_printer(call, lambda tx, printer_id: pacing.set_pace_of_printer(tx, printer_id, pace))


async def clear_printer_pace(call: Call) -> web.Response:
    """Return its jobs go on as any others."""
    return await _change_printer(call, lambda tx, printer_id: pacing.set_pace_of_printer(tx, printer_id, None))


async def step_printer(call: Call) -> web.Response:
    """Return its simulated device does its next thing now."""
    return await _change_printer(call, simulation.step)


@taking(ForcedPrinter)
async def force_printer(call: Call) -> web.Response:
    """Put it into a state, and hold it there if asked."""
    wanted = await read_as(call, ForcedPrinter, "a state of a printer")

    def unit(tx: Transaction, printer_id: str) -> Any:
        return printer_states.force(
            tx,
            printer_id,
            PrinterState[wanted.state.upper()],
            wanted.reasons,
            message=wanted.message,
            hold=wanted.hold,
            allow_illegal=wanted.allow_illegal,
        )

    return await _change_printer(call, unit)


async def let_printer_go(call: Call) -> web.Response:
    """Restore the state that the device reported last."""
    return await _change_printer(call, printer_states.let_go)


async def _change_job(call: Call, change: Callable[[Transaction, str], Any]) -> web.Response:
    tenant, job_id = await tenant_named(call), call.parameters["job"]

    def unit(tx: Transaction) -> Json:
        change(tx, job_id)
        return represent_job(pacing.get(tx, job_id))

    return json_response(await call.site.store.write(tenant.id, unit))


async def _change_printer(call: Call, change: Callable[[Transaction, str], Any]) -> web.Response:
    tenant, printer_id = await tenant_named(call), call.parameters["printer"]

    def unit(tx: Transaction) -> Json:
        change(tx, printer_id)
        return represent_printer(tx, printers.get(tx, printer_id))

    return json_response(await call.site.store.write(tenant.id, unit))
