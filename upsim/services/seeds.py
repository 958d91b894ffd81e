"""Seeds: tenants as readable data, and how they become state.

A seed is data that somebody typed. Its people and applications are described in `upsim.services.seed_directory`.
"""

from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.clock import Clock
from upsim.domain.document import UploadSession
from upsim.domain.entity import Entity
from upsim.domain.faults import Fault, NotFound, Refused
from upsim.domain.job import Job
from upsim.domain.query import Query
from upsim.domain.sign_in import SignInPolicy
from upsim.domain.tenant import Tenant, TenantSettings
from upsim.services.identity import POLICY_ID
from upsim.services.ports import SYSTEM, Store, Transaction
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
from upsim.services.seed_pull_printing import (
    SeedBadge,
    SeedPrinter,
    SeedPullPrinter,
    SeedVirtualPrinter,
    make_badges,
    make_pull_printer,
    make_simulated_printer,
    make_virtual_printer,
)


class SeedTenant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tenant and its directory. `seed` makes its ids and secrets repeatable; absent: random."""

    display_name: str
    domains: tuple[str, ...]
    id: str | None = None
    seed: str | None = None
    settings: TenantSettings = TenantSettings()
    is_lenient: bool = False
    """Whether sign-in accepts whoever asks and makes what it meets; else all must be registered."""
    users: tuple[SeedUser, ...] = ()
    groups: tuple[SeedGroup, ...] = ()
    administrative_units: tuple[SeedAdministrativeUnit, ...] = ()
    applications: tuple[SeedApplication, ...] = ()
    simulated_printers: tuple[SeedPrinter, ...] = ()
    virtual_printers: tuple[SeedVirtualPrinter, ...] = ()
    pull_printers: tuple[SeedPullPrinter, ...] = ()
    badges: tuple[SeedBadge, ...] = ()


class Seed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of a seed file."""

    tenants: tuple[SeedTenant, ...]


class Planting(Entity, frozen=True, kw_only=True):
    """The seed that a tenant came from, kept under `SYSTEM`, for a reset. `id` is the tenant's."""

    kind: ClassVar[str] = "planting"

    seed: SeedTenant
    secret: str
    """What the tenant's ids and secrets are derived from."""
    is_repeatable: bool = False
    """Whether somebody chose it."""
    clock: Clock = Clock()


async def plant(
    store: Store, seed: Seed, new_seed: Callable[[], str], *, is_repeatable: bool = False
) -> list[Tenant]:
    """Make the tenants of a seed that do not exist yet; one that exists keeps its state.

    `new_seed` gives those a seed that have none; `is_repeatable` says that it gives the same again.
    """
    return [await _plant_tenant(store, item, new_seed, is_repeatable) for item in seed.tenants]


async def _plant_tenant(
    store: Store, seed: SeedTenant, new_seed: Callable[[], str], is_repeatable: bool
) -> Tenant:
    _check(seed)
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
        await store.write(tenant.id, lambda tx: _fill(tx, seed))
    return tenant


async def make_universe(
    store: Store, seed: SeedTenant, secret: str, clock: Clock, *, is_repeatable: bool = False
) -> Tenant:
    """A new tenant from a seed; refused where there is one of its id or domain."""
    _check(seed)
    planting = Planting(
        id=seed.id or derived("tenant", seed.domains[0]),
        seed=seed,
        secret=secret,
        is_repeatable=is_repeatable,
        clock=clock,
    )

    def make(tx: Transaction) -> Tenant:
        if tx.get(Tenant, planting.id) is not None or tx.first(Query(entity=Tenant, key=seed.domains[0].lower())):
            raise Refused(
                Fault.ALREADY_EXISTS,
                f"There is a tenant with id '{planting.id}' or domain '{seed.domains[0]}' already.",
                reason="tenant-exists",
            )
        tx.put(planting)
        return _put_tenant(tx, planting)

    tenant = await store.write(SYSTEM, make)
    try:
        await store.write(tenant.id, lambda tx: _fill(tx, seed))
    except Refused:
        await forget(store, tenant.id)
        raise
    return tenant


async def reset(store: Store, tenant_id: str) -> tuple[Tenant, list[str]]:
    """Wipe a tenant and replay its seed, settings and clock included; with the keys of the blobs it had."""

    def renew(tx: Transaction) -> tuple[Tenant, Planting]:
        planting = _planting(tx, tenant_id)
        return _put_tenant(tx, planting), planting

    def replay(tx: Transaction) -> list[str]:
        orphans = _wipe(tx)
        _fill(tx, planting.seed)
        return orphans

    tenant, planting = await store.write(SYSTEM, renew)
    return tenant, await store.write(tenant_id, replay)


async def forget(store: Store, tenant_id: str) -> list[str]:
    """Delete a tenant with all it has; the keys of the blobs it had."""
    orphans = await store.write(tenant_id, _wipe)

    def delete(tx: Transaction) -> None:
        for entity in (tx.get(Tenant, tenant_id), tx.get(Planting, tenant_id)):
            if entity is not None:
                tx.delete(entity)

    await store.write(SYSTEM, delete)
    return orphans


def like(tx: Transaction, tenant: Tenant, *, tenant_id: str, domain: str) -> SeedTenant:
    """The seed of a tenant under another id and domain: same people, applications and passwords."""
    seed = _planting(tx, tenant.id).seed
    return replace(seed, id=tenant_id, domains=(domain,), seed=None)


def _planting(tx: Transaction, tenant_id: str) -> Planting:
    planting = tx.get(Planting, tenant_id)
    if planting is None:
        raise NotFound("seed of tenant", tenant_id)
    return planting


def _put_tenant(tx: Transaction, planting: Planting) -> Tenant:
    seed = planting.seed
    tenant = Tenant(
        id=planting.id,
        display_name=seed.display_name,
        domains=tuple(domain.lower() for domain in seed.domains),
        seed=planting.secret,
        is_repeatable=planting.is_repeatable,
        created_at=planting.clock.read(tx.now),
        clock=planting.clock,
        settings=seed.settings,
    )
    tx.put(tenant)
    return tenant


def _wipe(tx: Transaction) -> list[str]:
    documents = [job.document.parts for job in tx.find(Query(entity=Job))]
    uploads = [session.parts for session in tx.find(Query(entity=UploadSession))]
    tx.wipe()
    return list({part.key for parts in (*documents, *uploads) for part in parts})


def _fill(tx: Transaction, seed: SeedTenant) -> None:
    """People first: all else names them."""
    if seed.is_lenient:
        tx.put(SignInPolicy(id=POLICY_ID, is_lenient=True))
    for user in seed.users:
        tx.put(make_user(tx, user))
    for group in seed.groups:
        tx.put(make_group(tx, group))
    for unit in seed.administrative_units:
        tx.put(make_unit(tx, unit))
    for application in seed.applications:
        for entity in (make_application(tx, application), *make_user_consents(tx, application)):
            tx.put(entity)
    for printer in seed.simulated_printers:
        make_simulated_printer(tx, printer)
    for virtual in seed.virtual_printers:
        make_virtual_printer(tx, virtual)
    for pull_printer in seed.pull_printers:
        make_pull_printer(tx, pull_printer)
    if seed.badges:
        make_badges(tx, seed.badges)


def _check(seed: SeedTenant) -> None:
    if not seed.domains:
        raise Refused(Fault.INVALID, f"The tenant '{seed.display_name}' of the seed has no domain.")
