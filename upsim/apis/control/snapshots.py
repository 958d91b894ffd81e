"""Snapshots of a tenant, going back and forth, forks, differences, and tenants as files.

A point is named so: `now`; a snapshot by name or id; `change:41`, the state after that change; `call:7`, the state
after that call of the journal, by its number or request id.
"""

import tempfile
from pathlib import Path
from typing import Any, Literal

from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import taking, tenant_named
from upsim.apis.control.directory import represent_directory
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.snapshot import Snapshot
from upsim.domain.tenant import Tenant
from upsim.server.context import Call, json_response
from upsim.server.control_bodies import read_as, read_query
from upsim.server.spelling import camel
from upsim.services import snapshots
from upsim.services.ports import SYSTEM
from upsim.services.snapshots import Change, Point

NOW = "now"


class Taking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The body of POST: a name (without one it is named after the change), and a point that is not `now`."""

    name: str | None = None
    at: str = NOW


class Restoring(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to go back to."""

    to: str
    same_instant: bool = False
    """Whether a clock that runs shows the point's instant again; a frozen one always does."""


class Forking(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"origin": "from"}):
    """Where the new tenant begins, and its id and domain; without them it gets some."""

    origin: str = NOW
    id: str | None = None
    domain: str | None = None


async def list_all(call: Call) -> web.Response:
    """Return a tenant's snapshots in the order of its history, and where it stands."""
    tenant = await tenant_named(call)
    found = await call.site.store.read(SYSTEM, lambda tx: snapshots.list_all(tx, tenant.id))
    point = await snapshots.now(call.site.store, tenant.id)
    return json_response({"value": [_represent(each) for each in found], "change": point.change})


@taking(Taking)
async def take(call: Call) -> web.Response:
    """Keep a point under a name."""
    wanted = await read_as(call, Taking, "a snapshot to take")
    tenant = await tenant_named(call)
    point = await _point(call, tenant, wanted.at)
    return json_response(_represent(await snapshots.take(call.site.store, tenant.id, point, wanted.name)), 201)


async def get(call: Call) -> web.Response:
    """Return one snapshot."""
    tenant = await tenant_named(call)
    return json_response(
        _represent(await snapshots.named(call.site.store, tenant.id, call.parameters["snapshot"]))
    )


async def delete(call: Call) -> web.Response:
    """Keep the point no longer."""
    tenant = await tenant_named(call)
    await snapshots.drop(call.site.store, tenant.id, call.parameters["snapshot"])
    return web.Response(status=204)


@taking(Restoring)
async def restore(call: Call) -> web.Response:
    """Return the tenant is again what it was at a point; the journal goes on."""
    wanted = await read_as(call, Restoring, "a point to go back to")
    tenant = await tenant_named(call)
    point = await _point(call, tenant, wanted.to)
    before = await snapshots.now(call.site.store, tenant.id)
    tenant = await snapshots.restore(call.site.store, tenant.id, point, same_instant=wanted.same_instant)
    call.site.early_retries.forget(tenant.id)
    call.site.request_ids.begin(tenant.id, point.change)
    after = await snapshots.now(call.site.store, tenant.id)
    return json_response(
        {
            "restored": point.change,
            "before": before.change,
            "change": after.change,
            "now": tenant.clock.read(call.site.now()).isoformat(),
        }
    )


@taking(Forking)
async def fork(call: Call) -> web.Response:
    """Return a tenant of its own that goes on from a point."""
    wanted = await read_as(call, Forking, "a fork to make")
    tenant = await tenant_named(call)
    point = await _point(call, tenant, wanted.origin)
    fork_id = (wanted.id or call.site.new_guid()).lower()
    domain = wanted.domain or f"{fork_id[:8]}.upsim.example"
    made = await snapshots.fork(call.site.store, tenant.id, point, fork_id=fork_id, domain=domain)
    return json_response(await represent_directory(call.site.store, made), 201)


class Compared(Struct, frozen=True, kw_only=True, rename={"origin": "from"}):
    """The query parameters of a comparison."""

    origin: str = ""
    """A point: `now`, a snapshot, `call:N` or `change:N`."""
    to: str = NOW
    format: Literal["json", "text"] = "json"


class Exported(Struct, frozen=True):
    """The query parameters of an export."""

    at: str = NOW


class Imported(Struct, frozen=True):
    """The query parameters of an import; absent: as in the file."""

    id: str | None = None
    domain: str | None = None


@taking(query=Compared)
async def diff(call: Call) -> web.Response:
    """Return the differences between two points: as JSON, or with `format=text` to read."""
    tenant = await tenant_named(call)
    wanted = read_query(call, Compared)
    first = await _point(call, tenant, wanted.origin)
    second = await _point(call, tenant, wanted.to)
    changes = await snapshots.diff(call.site.store, tenant.id, first, second)
    if wanted.format == "text":
        return web.Response(text=_as_text(changes), content_type="text/plain")
    return json_response(
        {"from": first.change, "to": second.change, "value": [_represent_change(each) for each in changes]}
    )


@taking(query=Exported)
async def export(call: Call) -> web.StreamResponse:
    """Return the tenant at a point as one file, documents included."""
    from upsim.server import archives

    tenant = await tenant_named(call)
    point = await _point(call, tenant, read_query(call, Exported).at)
    with tempfile.TemporaryDirectory(prefix="upsim-export-") as folder:
        path = Path(folder) / "tenant.zip"
        await archives.export(call.site, tenant.id, point, path)
        response = web.StreamResponse(
            headers={
                "Content-Type": "application/zip",
                "Content-Disposition": f'attachment; filename="{tenant.domain}.upsim.zip"',
            }
        )
        response.content_length = path.stat().st_size
        stream = await call.begin(response)
        with path.open("rb") as file:
            while chunk := file.read(archives.CHUNK_BYTES):
                await stream.write(chunk)
        await stream.write_eof()
    return response


@taking(query=Imported)
async def import_(call: Call) -> web.Response:
    """Return a tenant from such a file, under its own id and domain or those in the query."""
    from upsim.server import archives

    wanted = read_query(call, Imported)
    with tempfile.TemporaryDirectory(prefix="upsim-import-") as folder:
        path = Path(folder) / "tenant.zip"
        with path.open("wb") as file:
            async for chunk in call.request.body.chunks():
                file.write(chunk)
        tenant = await archives.import_(call.site, path, wanted.id and wanted.id.lower(), wanted.domain)
    return json_response(await represent_directory(call.site.store, tenant), 201)


async def _point(call: Call, tenant: Tenant, text: str) -> Point:
    if not text:
        raise Refusal(
            RefusalKind.INVALID, "Give a point: now, a snapshot, change:N or call:N.", reason="point-missing"
        )
    kind, colon, rest = text.partition(":")
    if text == NOW:
        return await snapshots.now(call.site.store, tenant.id)
    if not colon:
        found = await snapshots.named(call.site.store, tenant.id, text)
        return Point(change=found.change, at=found.taken_at)
    if kind == "change" and rest.isdecimal():
        return Point(change=int(rest))
    if kind == "call":
        return _after_call(call, tenant, rest)
    raise Refusal(
        RefusalKind.INVALID,
        f"'{text}' is no point; points are now, the name of a snapshot, change:N and call:N.",
        reason="point-invalid",
    )


def _after_call(call: Call, tenant: Tenant, name: str) -> Point:
    for entry in call.site.journals.of(tenant.id):
        if name in {str(entry.number), entry.request_id}:
            return Point(change=entry.point, at=entry.at)
    raise NotFound("journal entry", name)


def _represent(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "id": snapshot.id,
        "name": snapshot.name,
        "change": snapshot.change,
        "takenAt": snapshot.taken_at.isoformat(),
        "madeAt": snapshot.made_at.isoformat(),
    }


def _represent_change(change: Change) -> dict[str, Any]:
    fields = [{"name": camel(name), "before": old, "after": new} for name, (old, new) in change.fields.items()]
    return {"kind": change.kind, "id": change.id, "what": change.what, "fields": fields}


_MARKS = {"added": "+", "removed": "-", "changed": "~"}


def _as_text(changes: list[Change]) -> str:
    lines = []
    for change in changes:
        lines.append(f"{_MARKS[change.what]} {change.kind} {change.id}")
        for name, (old, new) in change.fields.items():
            sides = {"added": f"{new!r}", "removed": f"{old!r}", "changed": f"{old!r} -> {new!r}"}
            lines.append(f"    {camel(name)}: {sides[change.what]}")
    return "".join(f"{line}\n" for line in lines)
