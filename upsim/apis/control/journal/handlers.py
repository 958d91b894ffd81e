"""The journal's operations. Every reading takes the members of `Matcher`, as query parameters or in the body."""

import asyncio
from typing import Annotated, Any, TypeVar

import msgspec
from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import taking, tenant_named
from upsim.apis.control.journal import export
from upsim.apis.control.journal.entries import Json, line, represent
from upsim.apis.control.journal.matching import Expectation, Finding, Matcher, verify
from upsim.domain.refusals import NotFound
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as, read_query
from upsim.server.journal import Entry, Ring
from upsim.server.spelling import to_json

T = TypeVar("T")
WAIT_SECONDS_MAX = 300.0
STRANGERS = "-"
"""In place of a tenant: calls that belong to none."""

Wait = Annotated[float, msgspec.Meta(ge=0, le=WAIT_SECONDS_MAX)]


class Listing(Matcher, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which entries to list and how."""

    limit: Annotated[int, msgspec.Meta(ge=1)] = 200
    """The newest of them."""
    messages: bool = False
    """With headers and bodies."""


class Waiting(Matcher, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Entries to wait for."""

    count: Annotated[int, msgspec.Meta(ge=1)] = 1
    timeout_seconds: Wait = 30.0
    """Real seconds."""


class Verification(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The calls that must have been made."""

    expect: tuple[Expectation, ...]
    in_order: bool = False
    """Whether the calls must have been made in the order of the expectations."""
    since: int = 0
    timeout_seconds: Wait = 0.0
    """How long (in real time) to wait for it."""


@taking(query=Listing)
async def list_entries(call: Call) -> web.Response:
    """Entries that fit, oldest first."""
    wanted = read_query(call, Listing)
    ring = await _ring(call)
    found = [entry for entry in ring if wanted.accepts(entry)][-wanted.limit :]
    return json_response(
        {
            "value": [represent(entry, with_messages=wanted.messages) for entry in found],
            "last": ring.last,
            "dropped": ring.dropped,
        }
    )


@taking(query=Matcher)
async def count(call: Call) -> web.Response:
    """Count the entries that match."""
    wanted = read_query(call, Matcher)
    ring = await _ring(call)
    return json_response({"count": sum(wanted.accepts(entry) for entry in ring), "last": ring.last})


async def get(call: Call) -> web.Response:
    """Return one entry with its messages, IPP by attributes."""
    number = call.parameters["number"]
    for entry in await _ring(call):
        if str(entry.number) == number:
            return json_response(represent(entry, with_messages=True))
    raise NotFound("journal entry", number)


@taking(Waiting)
async def wait(call: Call) -> web.Response:
    """Answer when this many entries match, or when the time is up."""
    wanted = await read_as(call, Waiting, "what to wait for")
    ring = await _ring(call)

    def found() -> list[Entry]:
        return [entry for entry in ring if wanted.accepts(entry)]

    is_met = await _until(ring, lambda: len(found()) >= wanted.count, wanted.timeout_seconds)
    value = [represent(entry) for entry in found()]
    return json_response({"met": is_met, "count": len(value), "value": value, "last": ring.last})


@taking(Verification)
async def check(call: Call) -> web.Response:
    """Return whether what is expected has happened; where not, the nearest calls and how they differ."""
    wanted = await read_as(call, Verification, "what to verify")
    ring = await _ring(call)

    def findings() -> list[Finding]:
        entries = [entry for entry in ring if entry.number > wanted.since]
        return verify(entries, wanted.expect, in_order=wanted.in_order)

    is_met = await _until(ring, lambda: all(each.is_met for each in findings()), wanted.timeout_seconds)
    return json_response({"met": is_met, "findings": [_represent_finding(each) for each in findings()]})


async def clear(call: Call) -> web.Response:
    """Forget all entries; numbers go on."""
    (await _ring(call)).clear()
    return web.Response(status=204)


@taking(query=Matcher)
async def har(call: Call) -> web.Response:
    """Return the entries that fit as an HTTP Archive 1.2."""
    wanted = read_query(call, Matcher)
    entries = [entry for entry in await _ring(call) if wanted.accepts(entry)]
    return json_response(export.as_har(entries))


@taking(query=Matcher)
async def transcript(call: Call) -> web.Response:
    """Return the entries that fit, to read."""
    wanted = read_query(call, Matcher)
    entries = [entry for entry in await _ring(call) if wanted.accepts(entry)]
    return web.Response(text=export.as_transcript(entries), content_type="text/plain")


async def _ring(call: Call) -> Ring:
    if call.parameters["tenant"] == STRANGERS:
        return call.site.journals.of("")
    return call.site.journals.of((await tenant_named(call)).id)


async def _until(ring: Ring, is_met: Any, seconds: float) -> bool:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while not is_met():
        remaining = deadline - loop.time()
        if remaining <= 0 or not await ring.changed(remaining):
            return bool(is_met())
    return True


def _represent_finding(finding: Finding) -> Json:
    return {
        "expected": to_json(finding.expectation),
        "met": finding.is_met,
        "count": len(finding.matched),
        "matched": [entry.number for entry in finding.matched],
        "nearest": [
            {"number": entry.number, "operation": entry.operation_id, "line": line(entry), "differs": differs}
            for entry, differs in finding.nearest
        ],
    }
