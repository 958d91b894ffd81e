"""Jobs, under print/printers and under print/shares. A handler serves both paths; `place` distinguishes them."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from upsim.apis.graph.answers import OldestFirst, entity_response, many, one
from upsim.apis.graph.answers import count as count_of
from upsim.apis.graph.bodies import Body, Parameters, taking
from upsim.apis.graph.navigation import represent
from upsim.apis.graph.print_options import read_configuration, write_configuration
from upsim.apis.graph.resources.print_job_status import represent_job_status
from upsim.apis.graph.selection import Json, view_of
from upsim.domain.attributes import Attributes
from upsim.domain.job import Job
from upsim.server.context import Call, json_response
from upsim.services.jobs import owner, pacing, visibility
from upsim.services.ports import Transaction
from upsim.wire.odata.query import ExpandItem, QueryOptions

UNSUPPORTED = frozenset({"$count", "$search"})
CONFIGURED = Body("printJob", frozenset({"configuration"}), required=("configuration",))
WITH_DOCUMENTS = QueryOptions(expand=(ExpandItem("documents", QueryOptions()),))


def place(call: Call) -> dict[str, Any]:
    """Return the printer or share below which the path names the job, as arguments of services."""
    return {f"{name}_id": call.parameters[name] for name in ("printer", "share") if name in call.parameters}


def address(call: Call) -> dict[str, Any]:
    """Return caller, job and its printer or share, as arguments of services."""
    return {"caller": call.caller, "job_id": call.parameters["job"], **place(call)}


def context(call: Call) -> str:
    kind = "printers" if "printer" in call.parameters else "shares"
    return f"print/{kind}('{next(iter(place(call).values()))}')/jobs"


async def list_all(call: Call) -> web.Response:
    where = place(call)
    load = OldestFirst(lambda tx, limit: visibility.list_at(tx, call.caller, **where, limit=limit))
    return await many(call, "printJob", context(call), load, UNSUPPORTED)


async def count(call: Call) -> web.Response:
    where = place(call)
    return await count_of(call, "printJob", lambda tx: visibility.list_at(tx, call.caller, **where))


async def get(call: Call) -> web.Response:
    where = address(call)
    looked_at: list[Job] = []

    def unit(tx: Transaction) -> Job:
        job = visibility.get(tx, **where)
        if job.moves_by_reads and not looked_at:
            looked_at.append(job)
        return job

    answer = await one(call, "printJob", f"{context(call)}/$entity", unit)
    if not looked_at:
        return answer
    await call.write(pacing.looked_at, looked_at[0].id)
    return await one(call, "printJob", f"{context(call)}/$entity", unit)


@taking(CONFIGURED)
async def create(call: Call, given: Json) -> web.Response:
    template = write_configuration(given["configuration"])
    view, where = view_of(call), place(call)

    def unit(tx: Transaction) -> Json:
        job = owner.create_at(tx, call.caller, template, **where)
        return represent(tx, view, "printJob", job, WITH_DOCUMENTS)

    return entity_response(view, "print/printJobs/$entity", await call.write(unit), 201)


async def start(call: Call) -> web.Response:
    job = await call.write(owner.start, **address(call))
    return json_response(represent_job_status(view_of(call), job))


async def cancel(call: Call) -> web.Response:
    await call.write(owner.cancel, **address(call))
    return web.Response(status=204)


@taking(CONFIGURED)
async def update(call: Call, given: Json) -> web.Response:
    view, change = view_of(call), _changing(given["configuration"])
    body = await call.write(
        lambda tx: represent(tx, view, "printJob", owner.configure(tx, change=change, **address(call)))
    )
    return entity_response(view, f"{context(call)}/$entity", body)


@taking(Parameters("abort"))
async def abort(call: Call, given: Json) -> web.Response:
    await call.write(owner.abort, reason=given.get("reason") or "", **address(call))
    return web.Response(status=204)


@taking(Parameters("redirect"))
async def redirect(call: Call, given: Json) -> web.Response:
    view, destination = view_of(call), given["destinationPrinterId"]
    change = _changing(given.get("configuration") or {})

    def unit(tx: Transaction) -> Json:
        job = owner.redirect(tx, destination_id=destination, change=change, **address(call))
        return represent(tx, view, "printJob", job)

    body = await call.write(unit)
    return entity_response(view, f"print/printers('{destination}')/jobs/$entity", body)


def _changing(configuration: Json) -> Callable[[Attributes], Attributes]:
    """Return the change of a template by a configuration; members that it leaves out stay as they are."""
    return lambda template: write_configuration({**read_configuration(template), **configuration}, template)
