"""Seeds: tenants as readable data, and how they become state.

A seed is data that somebody typed, so it names people by their user principal name and roles by their display
name; what is not named (ids, service principals) is derived from the tenant's id, so that the same seed makes
the same tenant.
"""

import uuid
from collections.abc import Callable

from msgspec import Struct

from upsim.domain.application import Application, Consent
from upsim.domain.faults import Fault, Refused
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
        tenant = Tenant(
            id=tenant_id,
            display_name=seed.display_name,
            domains=tuple(domain.lower() for domain in seed.domains),
            seed=seed.seed or new_seed(),
            created_at=tx.now,
            settings=seed.settings,
        )
        tx.put(tenant)
        return tenant, True

    tenant, is_new = await store.write(SYSTEM, make)
    if is_new:
        await store.write(tenant.id, lambda tx: _fill(tx, seed))
    return tenant


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
