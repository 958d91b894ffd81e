"""Seeds: tenants as readable data, and how they become state.

A seed is data that somebody typed, so whatever is wrong in it is told with its place: a `Flaw`. Its people and
applications are described in `upsim.services.seed_directory`, its printers in `upsim.services.seed_printing`.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.clock import RATE_MAX, Clock
from upsim.domain.entity import Entity
from upsim.domain.injection import Imposed, Injection
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.sign_in import SignInPolicy
from upsim.domain.snapshot import Snapshot
from upsim.domain.tenant import Tenant, TenantSettings
from upsim.domain.user import User
from upsim.services import blob_names, seed_series
from upsim.services.identity import POLICY_ID
from upsim.services.ports import SYSTEM, Blobs, Store, Transaction
from upsim.services.seed_directory import (
    SeedAdministrativeUnit,
    SeedApplication,
    SeedGroup,
    SeedUser,
    derived,
    make_application,
    make_group,
    make_unit,
    make_user,
    make_user_consents,
)
from upsim.services.seed_printing import (
    SAMPLE,
    SeedConnector,
    SeedPrinter,
    documents_needed,
    make_connector,
    make_printer,
)
from upsim.services.seed_pull_printing import (
    SeedBadge,
    SeedPullPrinter,
    SeedSimulatedPrinter,
    SeedVirtualPrinter,
    make_badge,
    make_pull_printer,
    make_simulated_printer,
    make_virtual_printer,
)

Operations = Callable[[], Collection[str]]
"""What injections can be imposed on by name; asked only where a seed has injections."""
Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Flaw(Struct, frozen=True):
    """What is wrong in a tenant's seed: where in it, and which name there, if it is a name."""

    path: tuple[str | int, ...]
    detail: str
    named: str = ""


class SeedUsers(SeedUser, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A person, or as many as `count` says: `{number}` in the names tells them apart."""

    count: seed_series.Count = 1


class SeedClock(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the tenant's time begins: standing at an instant, or running from one, as fast as `rate` says."""

    frozen_at: Instant | None = None
    starts_at: Instant | None = None
    rate: Annotated[float, msgspec.Meta(gt=0, le=RATE_MAX)] = 1.0

    def begin(self, real: datetime) -> Clock:
        if self.frozen_at is not None:
            return Clock(frozen_at=self.frozen_at)
        begun = Clock() if self.starts_at is None else Clock().set(self.starts_at, real)
        return begun if self.rate == 1.0 else begun.running(real, self.rate)


class SeedTenant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tenant and its directory. `seed` makes its ids and secrets repeatable; absent: random."""

    display_name: str
    domains: tuple[str, ...]
    id: str | None = None
    seed: str | None = None
    settings: TenantSettings = TenantSettings()
    is_lenient: bool = False
    """Whether sign-in accepts whoever asks and makes what it meets; else all must be registered."""
    clock: SeedClock = SeedClock()
    users: tuple[SeedUsers, ...] = ()
    groups: tuple[SeedGroup, ...] = ()
    administrative_units: tuple[SeedAdministrativeUnit, ...] = ()
    applications: tuple[SeedApplication, ...] = ()
    connectors: tuple[SeedConnector, ...] = ()
    printers: tuple[SeedPrinter, ...] = ()
    simulated_printers: tuple[SeedSimulatedPrinter, ...] = ()
    virtual_printers: tuple[SeedVirtualPrinter, ...] = ()
    pull_printers: tuple[SeedPullPrinter, ...] = ()
    badges: tuple[SeedBadge, ...] = ()
    injections: tuple[Injection, ...] = ()
    """Injections that stand from the beginning."""


class Seed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of a seed file."""

    tenants: Annotated[tuple[SeedTenant, ...], msgspec.Meta(min_length=1)]


class Planting(Entity, frozen=True, kw_only=True):
    """The seed that a tenant came from, kept under `SYSTEM`, for a reset. `id` is the tenant's."""

    kind: ClassVar[str] = "planting"

    seed: SeedTenant
    secret: str
    """What the tenant's ids and secrets are derived from."""
    is_repeatable: bool = False
    """Whether somebody chose it."""
    clock: Clock | None = None
    """The clock that the tenant began with, where it was not the seed's."""


async def plant(
    store: Store,
    blobs: Blobs,
    seed: Seed,
    new_seed: Callable[[], str],
    operations: Operations,
    *,
    is_repeatable: bool = False,
) -> list[Tenant]:
    """Make the tenants of a seed that do not exist yet; one that exists keeps its state.

    `new_seed` gives those a seed that have none; `is_repeatable` says that it gives the same again.
    A flawed seed is refused, with `tenant_index` and `flaws` among the facts.
    """
    planted = []
    for index, item in enumerate(seed.tenants):
        try:
            _check(item, operations)
            planted.append(await _plant_tenant(store, blobs, item, new_seed, is_repeatable))
        except Refusal as refusal:
            refusal.facts["tenant_index"] = index
            raise
    return planted


async def _plant_tenant(
    store: Store, blobs: Blobs, seed: SeedTenant, new_seed: Callable[[], str], is_repeatable: bool
) -> Tenant:
    tenant_id = seed.id or derived("tenant", seed.domains[0])

    def make(tx: Transaction) -> tuple[Tenant, bool]:
        existing = tx.get(Tenant, tenant_id)
        if existing is not None:
            return existing, False
        planting = Planting(
            id=tenant_id,
            seed=seed,
            secret=seed.seed or new_seed(),
            is_repeatable=is_repeatable or seed.seed is not None,
        )
        tx.put(planting)
        return _put_tenant(tx, planting), True

    tenant, is_new = await store.write(SYSTEM, make)
    if is_new:
        await _grow(store, blobs, tenant.id, seed)
    return tenant


async def make_tenant(
    store: Store,
    blobs: Blobs,
    seed: SeedTenant,
    secret: str,
    clock: Clock | None,
    operations: Operations,
    *,
    is_repeatable: bool = False,
) -> Tenant:
    """A new tenant from a seed; refused where there is one of its id or domain."""
    _check(seed, operations)
    planting = Planting(
        id=seed.id or derived("tenant", seed.domains[0]),
        seed=seed,
        secret=secret,
        is_repeatable=is_repeatable,
        clock=clock,
    )

    def make(tx: Transaction) -> Tenant:
        check_free(tx, planting.id, seed.domains[0])
        tx.put(planting)
        return _put_tenant(tx, planting)

    tenant = await store.write(SYSTEM, make)
    await _grow(store, blobs, tenant.id, seed)
    return tenant


async def _grow(store: Store, blobs: Blobs, tenant_id: str, seed: SeedTenant) -> None:
    """Fill a new tenant, or leave none."""
    keys = await _store_documents(blobs, seed)
    try:
        await store.write(tenant_id, lambda tx: _fill(tx, seed, keys), is_long=True)
    except Refusal:
        await forget(store, tenant_id)
        await blobs.delete(keys)
        raise


async def _store_documents(blobs: Blobs, seed: SeedTenant) -> list[str]:
    """The documents of the seed's jobs, each for itself: each is deleted with its job."""
    keys = []
    for _ in range(documents_needed(seed.printers)):
        writer = await blobs.create()
        await writer.write(SAMPLE)
        await writer.commit()
        keys.append(writer.key)
    return keys


def check_free(tx: Transaction, tenant_id: str, domain: str) -> None:
    """Refuse a new tenant where there is one of its id or domain."""
    if tx.get(Tenant, tenant_id) is not None or tx.first(Query(entity=Tenant, key=domain.lower())):
        raise Refusal(
            RefusalKind.ALREADY_EXISTS,
            f"There is a tenant with id '{tenant_id}' or domain '{domain}' already.",
            reason="tenant-exists",
        )


async def reset(store: Store, blobs: Blobs, tenant_id: str) -> tuple[Tenant, list[str]]:
    """Wipe a tenant and replay its seed, settings, injections and clock included; the keys of the blobs that go.

    Its history goes with it, snapshots included.
    """
    planting = await store.read(SYSTEM, lambda tx: planting_of(tx, tenant_id))
    orphans = await blob_names.orphans_without(store, tenant_id)
    keys = await _store_documents(blobs, planting.seed)

    def renew(tx: Transaction) -> Tenant:
        _drop_snapshots(tx, tenant_id)
        return _put_tenant(tx, planting)

    def replay(tx: Transaction) -> None:
        tx.wipe()
        _fill(tx, planting.seed, keys)

    tenant = await store.write(SYSTEM, renew)
    await store.write(tenant_id, replay, is_long=True)
    return tenant, orphans


async def forget(store: Store, tenant_id: str) -> list[str]:
    """Delete a tenant with all it has; the keys of the blobs that go."""
    orphans = await blob_names.orphans_without(store, tenant_id)
    await store.write(tenant_id, lambda tx: tx.wipe(for_good=True), is_long=True)

    def delete(tx: Transaction) -> None:
        _drop_snapshots(tx, tenant_id)
        for entity in (tx.get(Tenant, tenant_id), tx.get(Planting, tenant_id)):
            if entity is not None:
                tx.delete(entity)

    await store.write(SYSTEM, delete)
    return orphans


def like(tx: Transaction, tenant: Tenant, *, tenant_id: str, domain: str) -> SeedTenant:
    """The seed of a tenant under another id and domain: same people, applications and passwords."""
    seed = planting_of(tx, tenant.id).seed
    return replace(seed, id=tenant_id, domains=(domain,), seed=None)


def planting_of(tx: Transaction, tenant_id: str) -> Planting:
    """What a tenant was made from."""
    planting = tx.get(Planting, tenant_id)
    if planting is None:
        raise NotFound("seed of tenant", tenant_id)
    return planting


def _put_tenant(tx: Transaction, planting: Planting) -> Tenant:
    seed = planting.seed
    clock = planting.clock or seed.clock.begin(tx.now)
    now = clock.read(tx.now)
    before = tx.get(Tenant, planting.id)
    tenant = Tenant(
        id=planting.id,
        display_name=seed.display_name,
        domains=tuple(domain.lower() for domain in seed.domains),
        seed=planting.secret,
        is_repeatable=planting.is_repeatable,
        created_at=now,
        planted_at=before.planted_at if before else tx.now,
        clock=clock,
        settings=seed.settings,
        imposed=Imposed(injections=tuple(_injected(planting, now))),
    )
    tx.put(tenant)
    return tenant


def _injected(planting: Planting, now: datetime) -> Iterator[Injection]:
    from upsim.services import injections

    for number, rule in enumerate(planting.seed.injections, 1):
        yield injections.completed(rule, derived(planting.id, "injection", str(number)), number, now)


def _drop_snapshots(tx: Transaction, tenant_id: str) -> None:
    for snapshot in tx.find(Query(entity=Snapshot, parent=tenant_id)):
        tx.delete(snapshot)


def _fill(tx: Transaction, seed: SeedTenant, keys: Collection[str]) -> None:
    """People first: all else names them. Units come last: they name printers."""
    blobs = iter(keys)
    if seed.is_lenient:
        tx.put(SignInPolicy(id=POLICY_ID, is_lenient=True))
    flaws: list[Flaw] = []
    steps: tuple[tuple[str, Callable[[Transaction, Any], object]], ...] = (
        ("users", _make_users),
        ("groups", _once(make_group)),
        ("applications", _make_application),
        ("connectors", make_connector),
        ("printers", lambda tx, item: _make_printers(tx, item, blobs)),
        ("simulated_printers", _make_simulated_printers),
        ("virtual_printers", make_virtual_printer),
        ("pull_printers", make_pull_printer),
        ("badges", make_badge),
        ("administrative_units", _once(make_unit)),
    )
    for kind, make in steps:
        for index, item in enumerate(getattr(seed, kind)):
            try:
                make(tx, item)
            except Refusal as refusal:
                flaws.append(Flaw((kind, index), refusal.detail, str(refusal.facts.get("named", ""))))
    _refuse_flaws(flaws)


def _make_users(tx: Transaction, seed: SeedUsers) -> None:
    for each in seed_series.each(seed, "user_principal_name"):
        if tx.first(Query(entity=User, key=each.user_principal_name.lower())) is not None:
            raise _twice("users", each.user_principal_name)
        _put_new(tx, make_user(tx, each))


def _make_application(tx: Transaction, seed: SeedApplication) -> None:
    _put_new(tx, make_application(tx, seed))
    for consent in make_user_consents(tx, seed):
        tx.put(consent)


def _make_printers(tx: Transaction, seed: SeedPrinter, blobs: Iterator[str]) -> None:
    for each in seed_series.each(seed, "display_name"):
        make_printer(tx, each, blobs)


def _make_simulated_printers(tx: Transaction, seed: SeedSimulatedPrinter) -> None:
    for each in seed_series.each(seed, "display_name"):
        make_simulated_printer(tx, each)


def _once(make: Callable[[Transaction, Any], Entity]) -> Callable[[Transaction, Any], object]:
    return lambda tx, item: _put_new(tx, make(tx, item))


def _put_new(tx: Transaction, entity: Entity) -> None:
    if tx.get(type(entity), entity.id) is not None:
        raise _twice(f"{entity.kind}s", entity.id)
    tx.put(entity)


def _twice(what: str, name: str) -> Refusal:
    return Refusal(RefusalKind.INVALID, f"The seed has two {what} '{name}'.", reason="seed-unusable", named=name)


def _check(seed: SeedTenant, operations: Operations) -> None:
    """What can be said of a seed before there is a tenant."""
    flaws = []
    if not seed.domains:
        flaws.append(Flaw(("domains",), f"The tenant '{seed.display_name}' of the seed has no domain."))
    if seed.clock.frozen_at is not None and (seed.clock.starts_at is not None or seed.clock.rate != 1.0):
        flaws.append(Flaw(("clock",), "A clock that is frozen_at an instant has neither starts_at nor rate."))
    if seed.injections:
        flaws += _injection_flaws(seed.injections, operations())
    _refuse_flaws(flaws)


def _injection_flaws(rules: Collection[Injection], operation_ids: Collection[str]) -> Iterator[Flaw]:
    from upsim.services import injections

    for index, rule in enumerate(rules):
        try:
            injections.check(rule)
            injections.check_operation(rule, operation_ids)
        except Refusal as refusal:
            yield Flaw(("injections", index), refusal.detail, str(refusal.facts.get("named", "")))


def _refuse_flaws(flaws: list[Flaw]) -> None:
    if flaws:
        detail = " ".join(flaw.detail for flaw in flaws)
        raise Refusal(RefusalKind.INVALID, detail, reason="seed-unusable", flaws=flaws)
