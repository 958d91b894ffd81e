"""A tenant written down whole, and made again from that. How it lies in a file is `upsim.server.archives`."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.document import Part, UploadSession
from upsim.domain.entity import Entity
from upsim.domain.job import Job
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.services import seeds
from upsim.services.kinds import every_kind
from upsim.services.ports import SYSTEM, Store, StoredRow, Transaction
from upsim.services.seeds import Planting
from upsim.services.snapshots import Point


class Contents(Struct, frozen=True, kw_only=True):
    """All that a tenant consists of at a point, but the bytes of its documents."""

    tenant: Tenant
    planting: Planting
    change: int
    at: datetime | None
    counters: dict[str, int]
    derived: int
    """The number that the latest ids were derived from: the next ones must be others."""
    rows: list[StoredRow]


async def collect(store: Store, tenant_id: str, point: Point) -> Contents:
    """What a tenant consists of at a point."""
    planting = await store.read(SYSTEM, lambda tx: seeds.planting_of(tx, tenant_id))
    present = await store.tenant(tenant_id)

    def unit(tx: Transaction) -> Contents:
        history = tx.history
        if point.change > tx.change_number:
            raise NotFound("change", str(point.change))
        return Contents(
            tenant=present,
            planting=planting,
            change=point.change,
            at=point.at,
            counters=history.counters(point.change),
            derived=history.derived(point.change),
            rows=history.rows(point.change),
        )

    contents = await store.read(tenant_id, unit)
    was = await store.read(tenant_id, lambda tx: tx.get(Tenant, tenant_id), as_of=point.change)
    return replace(contents, tenant=was or present)


def entities(rows: list[StoredRow]) -> list[Entity]:
    """Rows as what they are; refused where one is of no known kind or does not fit it."""
    kinds = every_kind()
    found = []
    for number, row in enumerate(rows, start=1):
        kind = kinds.get(row.kind)
        if kind is None:
            raise broken(f"row {number} is a '{row.kind}', which this upsim does not know")
        try:
            found.append(msgspec.json.decode(row.body, type=kind))
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            raise broken(f"row {number} is no {row.kind}: {error}") from error
    return found


def blobs_of(found: list[Entity]) -> list[str]:
    """The keys of the blobs that entities name."""
    return list(dict.fromkeys(part.key for entity in found for part in _parts(entity)))


async def make(
    store: Store,
    contents: Contents,
    found: list[Entity],
    keys: Mapping[str, str],
    *,
    tenant_id: str | None = None,
    domain: str | None = None,
) -> Tenant:
    """A tenant from what was collected, its documents under new keys; refused where there is one already."""
    was = contents.tenant
    tenant = replace(
        was,
        id=tenant_id or was.id,
        domains=(domain.lower(),) if domain else was.domains,
        family="",
    )
    seed = replace(contents.planting.seed, id=tenant.id, domains=tenant.domains)

    def begin(tx: Transaction) -> Tenant:
        seeds.check_free(tx, tenant.id, tenant.domain)
        tx.put(replace(contents.planting, id=tenant.id, seed=seed))
        planted = replace(tenant, planted_at=tx.now)
        tx.put(planted)
        return planted

    def fill(tx: Transaction) -> None:
        history = tx.history
        for name, value in contents.counters.items():
            history.set_counter(name, value)
        history.go_on_from(contents.derived)
        for entity in found:
            tx.put(_with_keys(entity, keys))

    planted = await store.write(SYSTEM, begin)
    await store.write(planted.id, fill, is_long=True)
    return planted


def _parts(entity: Entity) -> tuple[Part, ...]:
    if isinstance(entity, Job):
        return entity.document.parts
    return entity.parts if isinstance(entity, UploadSession) else ()


def _with_keys(entity: Entity, keys: Mapping[str, str]) -> Entity:
    parts = tuple(Part(part.start, part.size_bytes, keys[part.key]) for part in _parts(entity))
    if isinstance(entity, Job):
        return replace(entity, document=replace(entity.document, parts=parts))
    return replace(entity, parts=parts) if isinstance(entity, UploadSession) else entity


def broken(why: str, reason: str = "archive-broken") -> Refusal:
    """The refusal of an archive."""
    return Refusal(RefusalKind.INVALID, f"The archive cannot be used: {why}.", reason=reason)
