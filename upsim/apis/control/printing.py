"""Printers, shares and jobs of a tenant, as the operator of the server sees them."""

from datetime import datetime
from typing import Any

from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import taking, tenant_named
from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_query
from upsim.server.spelling import to_json
from upsim.services import printers
from upsim.services.jobs import pacing, why
from upsim.services.ports import Transaction

Json = dict[str, Any]


async def list_printers(call: Call) -> web.Response:
    """Return every printer, oldest first."""
    return await _answer(
        call, lambda tx: {"value": [represent_printer(tx, each) for each in printers.list_all(tx)]}
    )


async def get_printer(call: Call) -> web.Response:
    """Return one printer."""
    printer_id = call.parameters["printer"]
    return await _answer(call, lambda tx: represent_printer(tx, printers.get(tx, printer_id)))


async def list_shares(call: Call) -> web.Response:
    """Return every share."""
    return await _answer(
        call, lambda tx: {"value": [_represent_share(tx, each) for each in tx.find(Query(entity=PrinterShare))]}
    )


async def get_share(call: Call) -> web.Response:
    """Return one share."""
    share_id = call.parameters["share"].lower()

    def unit(tx: Transaction) -> Json:
        share = tx.get(PrinterShare, share_id)
        if share is None:
            raise NotFound("share", share_id)
        return _represent_share(tx, share)

    return await _answer(call, unit)


class JobsWanted(Struct, frozen=True, kw_only=True):
    """Which jobs, by query parameters."""

    printer: str = ""
    """Those of one printer."""
    state: str = ""
    """Those in one state, such as `processing`."""


@taking(query=JobsWanted)
async def list_jobs(call: Call) -> web.Response:
    """Jobs, oldest first."""
    wanted = read_query(call, JobsWanted)

    def unit(tx: Transaction) -> Json:
        parent = printers.get(tx, wanted.printer).id if wanted.printer else None
        jobs = tx.find(Query(entity=Job, parent=parent))
        return {"value": [represent_job(job) for job in jobs if wanted.state in {"", job.state.keyword}]}

    return await _answer(call, unit)


async def get_job(call: Call) -> web.Response:
    """Return one job. This counts as no read of a client."""
    job_id = call.parameters["job"]
    return await _answer(call, lambda tx: represent_job(pacing.get(tx, job_id)))


async def why_job(call: Call) -> web.Response:
    """Explain where a job stands: how it got there, what it waits for, whose turn it is, what moves it."""
    tenant, job_id = await tenant_named(call), call.parameters["job"]
    found = await call.site.store.read(tenant.id, lambda tx: why.explain(tx, job_id))
    calls: list[Json] = [
        {
            "number": entry.number,
            "at": entry.at.isoformat(),
            "operation": entry.operation_id,
            "call": f"{entry.method} {entry.path}",
            "status": entry.status,
            "events": [event.name for event in entry.events if event.subject == job_id],
        }
        for entry in call.site.journals.of(tenant.id)
        if any(event.subject == job_id and event.name.startswith("job.") for event in entry.events)
    ]
    listed = "; ".join(
        f"{', '.join(each['events'])} by {each['operation']} (call {each['number']})" for each in calls
    )
    return json_response(
        {
            "job": found.job.id,
            "state": found.job.state.keyword,
            "reasons": sorted(found.job.progress.reasons),
            "paragraph": found.paragraph(f"The journal has: {listed}." if listed else ""),
            "waitsFor": found.waits_for,
            "turn": found.turn,
            "moves": list(found.moves),
            "history": [{"what": step.what, "at": step.at.isoformat()} for step in found.history],
            "calls": calls,
        }
    )


async def _answer(call: Call, unit: Any) -> web.Response:
    tenant = await tenant_named(call)
    return json_response(await call.site.store.read(tenant.id, unit))


def represent_printer(tx: Transaction, printer: Printer) -> Json:
    """Return a printer with its state and its share."""
    share = printers.share_of(tx, printer.id)
    return {
        "id": printer.id,
        "displayName": printer.display_name,
        "manufacturer": printer.manufacturer,
        "model": printer.model,
        "state": printer.state.name.lower() if printer.state else None,
        "reasons": list(printer.state_reasons),
        "message": printer.state_message,
        "held": printer.is_state_held,
        "acceptingJobs": printer.is_accepting_jobs,
        "pace": to_json(printer.pace),
        "share": share and share.id,
        "registeredAt": _instant(printer.registered_at),
        "lastSeenAt": _instant(printer.last_seen_at),
    }


def _represent_share(tx: Transaction, share: PrinterShare) -> Json:
    printer = tx.get(Printer, share.printer_id or "")
    return {
        "id": share.id,
        "displayName": share.display_name,
        "printer": share.printer_id,
        "printerName": printer and printer.display_name,
        "allowAllUsers": share.allow_all_users,
        "holdsForRelease": bool(share.holds_for_release),
    }


def represent_job(job: Job) -> Json:
    """Return a job with where it stands and what moves it."""
    return {
        "id": job.id,
        "name": job.name,
        "printer": job.place,
        "user": job.created_by.user_principal_name,
        "state": job.state.keyword,
        "reasons": sorted(job.progress.reasons),
        "message": job.state_message,
        "pace": to_json(job.pace),
        "reads": job.reads,
        "moveAt": _instant(job.move_at),
        "documentBytes": job.document.size_bytes,
        "createdAt": _instant(job.created_at),
        "endedAt": _instant(job.ended_at),
    }


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
