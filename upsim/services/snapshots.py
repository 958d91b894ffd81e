"""Points of a tenant's history: keeping them by name, going back, forking, telling what differs.

Every change is a point, so a snapshot is a number with a name, whose rows are kept. Going back is a change like
all others: what was gone back from can be gone to again. Documents are not copied: nothing that a kept version
names is deleted (`upsim.server.sweep`).
"""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.clock import Clock
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.snapshot import Snapshot
from upsim.domain.tenant import Tenant
from upsim.services import seeds
from upsim.services.ports import SYSTEM, Difference, Store, Transaction

SECRET_FIELDS = frozenset({"client_secret", "password", "private_key_pem", "secret"})


class Point(Struct, frozen=True, kw_only=True):
    """A change of a tenant, and the tenant's instant then, where it is known."""

    change: int
    at: datetime | None = None


async def now(store: Store, tenant_id: str) -> Point:
    """The point where a tenant stands."""
    change, at = await store.read(tenant_id, lambda tx: (tx.change_number, tx.now))
    return Point(change=change, at=at)


async def named(store: Store, tenant_id: str, name: str) -> Snapshot:
    """A snapshot by name, whatever the case, or id."""
    return await store.read(SYSTEM, lambda tx: _named(tx, tenant_id, name))


def list_all(tx: Transaction, tenant_id: str) -> list[Snapshot]:
    """A tenant's snapshots in the order of its history, and then of their making. Runs under `SYSTEM`."""
    found = tx.find(Query(entity=Snapshot, parent=tenant_id))
    return sorted(found, key=lambda each: (each.change, each.made_at))


async def take(store: Store, tenant_id: str, point: Point, name: str | None = None) -> Snapshot:
    """Keep a point under a name; without one it is named after the change."""
    if point.change > (await now(store, tenant_id)).change:
        raise NotFound("change", str(point.change))
    tenant = await store.read(tenant_id, lambda tx: tx.tenant, as_of=point.change)  # refused where it is forgotten
    at = point.at or await store.now(tenant_id)

    def unit(tx: Transaction) -> Snapshot:
        existing = list_all(tx, tenant_id)
        wanted = _free_name(existing, name, point.change)
        if len(existing) >= tenant.settings.history.snapshots_max:
            raise Refusal(
                RefusalKind.NOT_POSSIBLE,
                f"The tenant has all the snapshots that it may have: {len(existing)} (history.snapshots_max).",
                reason="snapshots-max",
            )
        snapshot = Snapshot(
            id=tx.new_id(), tenant_id=tenant_id, name=wanted, change=point.change, taken_at=at, made_at=tx.now
        )
        tx.put(snapshot)
        return snapshot

    return await store.write(SYSTEM, unit)


async def drop(store: Store, tenant_id: str, name: str) -> None:
    """Keep the point no longer."""
    await store.write(SYSTEM, lambda tx: tx.delete(_named(tx, tenant_id, name)))


async def restore(store: Store, tenant_id: str, point: Point, *, same_instant: bool = False) -> Tenant:
    """Make a tenant what it was at a point: its state, settings, injections and clock.

    A real clock stays with real time and a moved one keeps its offset, unless the `same_instant` is asked for.
    """
    was = await _tenant_at(store, tenant_id, point.change)

    def take_back(tx: Transaction) -> Tenant:
        tenant = replace(was, clock=_restored(was.clock, point.at, tx.now, same_instant=same_instant))
        tx.put(tenant)
        return tenant

    tenant = await store.write(SYSTEM, take_back)
    await store.write(tenant_id, lambda tx: tx.history.rewind(point.change), is_long=True)
    return tenant


async def fork(store: Store, tenant_id: str, point: Point, *, fork_id: str, domain: str) -> Tenant:
    """A tenant of its own that goes on from a point of another: same people, printers, jobs and documents."""
    was = await _tenant_at(store, tenant_id, point.change)

    def make(tx: Transaction) -> Tenant:
        seeds.check_free(tx, fork_id, domain)
        planting = seeds.planting_of(tx, tenant_id)
        tenant = replace(
            was,
            id=fork_id,
            domains=(domain.lower(),),
            family=was.family or tenant_id,
            planted_at=tx.now,
            clock=_restored(was.clock, point.at, tx.now),
        )
        tx.put(replace(planting, id=fork_id, seed=replace(planting.seed, id=fork_id, domains=(domain,))))
        tx.put(tenant)
        return tenant

    tenant = await store.write(SYSTEM, make)
    await store.write(fork_id, lambda tx: tx.history.copy(tenant_id, point.change), is_long=True)
    return tenant


class Change(Struct, frozen=True, kw_only=True):
    """What became of one thing: `what` is added, removed or changed; `fields` tell each from what to what."""

    kind: str
    id: str
    what: str
    fields: dict[str, tuple[Any, Any]]


async def diff(store: Store, tenant_id: str, first: Point, second: Point) -> list[Change]:
    """What is otherwise at the second point than at the first, the tenant's own settings and clock included."""
    earlier, later = sorted((first.change, second.change))
    found = await store.read(tenant_id, lambda tx: tx.history.differences(earlier, later))
    if first.change > second.change:
        found = [Difference(item.kind, item.id, item.after, item.before) for item in found]
    return [_change(item) for item in found]


def _named(tx: Transaction, tenant_id: str, name: str) -> Snapshot:
    found = tx.first(Query(entity=Snapshot, parent=tenant_id, key=name.lower())) or tx.get(Snapshot, name)
    if found is None or found.tenant_id != tenant_id:
        raise NotFound("snapshot", name)
    return found


def _free_name(existing: list[Snapshot], name: str | None, change: int) -> str:
    taken = {snapshot.name.lower() for snapshot in existing}
    if name is None:
        wanted, number = f"at-{change}", 1
        while wanted in taken:
            number += 1
            wanted = f"at-{change}-{number}"
        return wanted
    if not name or len(name) > 100 or ":" in name or "/" in name or name.lower() == "now":
        raise Refusal(
            RefusalKind.INVALID,
            "A snapshot's name has 1 to 100 characters, none of them ':' or '/', and is not 'now'.",
            reason="name-invalid",
        )
    if name.lower() in taken:
        raise Refusal(
            RefusalKind.ALREADY_EXISTS, f"There is a snapshot '{name}' already.", reason="snapshot-exists"
        )
    return name


async def _tenant_at(store: Store, tenant_id: str, change: int) -> Tenant:
    """What a tenant was after a change; in a store older than its history of tenants, what it is now."""
    if change > (await now(store, tenant_id)).change:
        raise NotFound("change", str(change))
    found = await store.read(tenant_id, lambda tx: tx.get(Tenant, tenant_id), as_of=change)
    return found or await store.tenant(tenant_id)


def _restored(clock: Clock, at: datetime | None, real: datetime, *, same_instant: bool = False) -> Clock:
    if clock.mode == "frozen" or at is None:
        return clock
    if clock.mode == "scaled":
        return clock.set(at, real).running(real, clock.rate)
    return clock.set(at, real) if same_instant else clock


def _change(item: Difference) -> Change:
    before, after = (_fields(body) for body in (item.before, item.after))
    what = "added" if item.before is None else "removed" if item.after is None else "changed"
    names = [*after, *(name for name in before if name not in after)]
    fields = {
        name: (_shown(name, before.get(name)), _shown(name, after.get(name)))
        for name in names
        if name != "id" and before.get(name) != after.get(name)
    }
    return Change(kind=item.kind, id=item.id, what=what, fields=fields)


def _fields(body: bytes | None) -> dict[str, Any]:
    """Members of a body; one that has its default is not there. What is nested is named by a path."""
    return _flat("", msgspec.json.decode(body)) if body else {}


def _flat(path: str, value: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, member in value.items():
        if isinstance(member, dict):
            found |= _flat(f"{path}{name}.", member)
        else:
            found[path + name] = member
    return found


def _shown(name: str, value: Any) -> Any:
    is_secret = name.rpartition(".")[2] in SECRET_FIELDS
    return "(secret)" if is_secret and value is not None else value
