"""Seeds: tenants as readable data, and how they become state.

A seed is data that somebody typed, so it names people by their user principal name and roles by their display
name; what is not named (ids, service principals) is derived from the tenant's id, so that the same seed makes
the same tenant.
"""

import uuid
from collections.abc import Callable
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.application import Application, Consent
from upsim.domain.clock import Clock
from upsim.domain.document import UploadSession
from upsim.domain.entity import Entity
from upsim.domain.faults import Fault, NotFound, Refused
from upsim.domain.job import Job
from upsim.domain.query import Query
from upsim.domain.tenant import Tenant, TenantSettings
from upsim.domain.user import Group, Role, User
from upsim.services.ports import SYSTEM, Store, Transaction


class SeedUser(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person. `roles` are display names of directory roles."""

    user_principal_name: str
    password: str
    id: str | None = None
    display_name: str | None = None
    roles: tuple[str, ...] = ()
    is_enabled: bool = True


class SeedGroup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group. `members` are user principal names of the same tenant."""

    display_name: str
    id: str | None = None
    members: tuple[str, ...] = ()


class SeedApplication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An application registration with the permissions that the tenant consented to."""

    id: str
    display_name: str
    service_principal_id: str | None = None
    secret: str | None = None
    redirect_uris: tuple[str, ...] = ()
    graph: Consent = Consent()
    universal_print: Consent = Consent()


class SeedTenant(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tenant and its directory. `seed` makes its ids and secrets repeatable; absent: random."""

    display_name: str
    domains: tuple[str, ...]
    id: str | None = None
    seed: str | None = None
    settings: TenantSettings = TenantSettings()
    users: tuple[SeedUser, ...] = ()
    groups: tuple[SeedGroup, ...] = ()
    applications: tuple[SeedApplication, ...] = ()


class Seed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of a seed file."""

    tenants: tuple[SeedTenant, ...]


class Planting(Entity, frozen=True, kw_only=True):
    """The seed that a tenant came from, kept under `SYSTEM`, for a reset. `id` is the tenant's."""

    kind: ClassVar[str] = "planting"

    seed: SeedTenant
    secret: str
    """What the tenant's ids and secrets are derived from."""
    clock: Clock = Clock()


async def plant(store: Store, seed: Seed, new_seed: Callable[[], str]) -> list[Tenant]:
    """Make the tenants of a seed that do not exist yet; one that exists keeps its state."""
    return [await _plant_tenant(store, item, new_seed) for item in seed.tenants]


async def _plant_tenant(store: Store, seed: SeedTenant, new_seed: Callable[[], str]) -> Tenant:
    _check(seed)
    tenant_id = seed.id or _derived("tenant", seed.domains[0])

    def make(tx: Transaction) -> tuple[Tenant, bool]:
        existing = tx.get(Tenant, tenant_id)
        if existing is not None:
            return existing, False
        planting = Planting(id=tenant_id, seed=seed, secret=seed.seed or new_seed())
        tx.put(planting)
        return _put_tenant(tx, planting), True

    tenant, is_new = await store.write(SYSTEM, make)
    if is_new:
        await store.write(tenant.id, lambda tx: _fill(tx, seed))
    return tenant


async def make_universe(store: Store, seed: SeedTenant, secret: str, clock: Clock) -> Tenant:
    """A new tenant from a seed; refused where there is one of its id or domain."""
    _check(seed)
    planting = Planting(id=seed.id or _derived("tenant", seed.domains[0]), seed=seed, secret=secret, clock=clock)

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
    ids = {}
    for user in seed.users:
        entity = _user(tx.tenant_id, user)
        ids[entity.user_principal_name.lower()] = entity.id
        tx.put(entity)
    for group in seed.groups:
        members = tuple(_member(ids, group, name) for name in group.members)
        identifier = group.id or _derived(tx.tenant_id, "group", group.display_name)
        tx.put(Group(id=identifier, display_name=group.display_name, members=members))
    for application in seed.applications:
        tx.put(
            Application(
                id=application.id.lower(),
                display_name=application.display_name,
                service_principal_id=application.service_principal_id
                or _derived(tx.tenant_id, "service principal", application.id),
                secret=application.secret,
                redirect_uris=application.redirect_uris,
                graph=application.graph,
                universal_print=application.universal_print,
            )
        )


def _user(tenant_id: str, user: SeedUser) -> User:
    return User(
        id=user.id or _derived(tenant_id, "user", user.user_principal_name),
        user_principal_name=user.user_principal_name,
        display_name=user.display_name or user.user_principal_name.partition("@")[0],
        password=user.password,
        roles=tuple(_role(name) for name in user.roles),
        is_enabled=user.is_enabled,
    )


def _role(display_name: str) -> Role:
    for role in Role:
        if role.display_name.lower() == display_name.lower():
            return role
    known = ", ".join(role.display_name for role in Role)
    raise Refused(Fault.INVALID, f"The seed names the role '{display_name}'; upsim knows {known}.")


def _member(ids: dict[str, str], group: SeedGroup, name: str) -> str:
    if name.lower() not in ids:
        raise Refused(
            Fault.INVALID, f"The group '{group.display_name}' names '{name}', who is no user of the seed."
        )
    return ids[name.lower()]


def _check(seed: SeedTenant) -> None:
    if not seed.domains:
        raise Refused(Fault.INVALID, f"The tenant '{seed.display_name}' of the seed has no domain.")


def _derived(*names: str) -> str:
    """A GUID that depends on the names alone (RFC 9562 section 5.5)."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "upsim:" + "/".join(names)))
