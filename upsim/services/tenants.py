"""Tenants themselves. These units run under `SYSTEM`, except `directory`, which runs in the tenant."""

from datetime import datetime

from msgspec.structs import replace

from upsim.domain.application import Application
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound
from upsim.domain.tenant import Tenant, TenantSettings
from upsim.domain.user import User
from upsim.services.ports import Transaction


def list_all(tx: Transaction) -> list[Tenant]:
    """Every tenant, the first one first."""
    return sorted(tx.find(Query(entity=Tenant)), key=lambda tenant: (tenant.planted_at, tenant.created_at))


def first(tx: Transaction) -> Tenant:
    """The tenant that has existed longest."""
    found = list_all(tx)
    if not found:
        raise NotFound("tenant", "first")
    return found[0]


def named(tx: Transaction, name: str) -> Tenant:
    """The tenant with this id or one of whose domains this is, whatever the case."""
    wanted = name.lower()
    found = tx.get(Tenant, wanted) or tx.first(Query(entity=Tenant, accepts=lambda item: wanted in item.domains))
    if found is None:
        raise NotFound("tenant", name)
    return found


def set_clock(
    tx: Transaction, tenant_id: str, *, advance_seconds: float = 0.0, is_frozen: bool | None = None
) -> Tenant:
    """Move the tenant's clock forward, stop it or let it run."""
    tenant = _existing(tx, tenant_id)
    clock = tenant.clock
    if is_frozen is not None:
        clock = clock.frozen(tx.now) if is_frozen else clock.running(tx.now)
    tenant = replace(tenant, clock=clock.advanced(advance_seconds))
    tx.put(tenant)
    return tenant


def run_clock(tx: Transaction, tenant_id: str, *, rate: float = 1.0) -> Tenant:
    """Let the tenant's clock go on from where it stands, `rate` times as fast as real time."""
    tenant = _existing(tx, tenant_id)
    tenant = replace(tenant, clock=tenant.clock.running(tx.now, rate))
    tx.put(tenant)
    return tenant


def move_clock(tx: Transaction, tenant_id: str, to: datetime) -> Tenant:
    """Move the tenant's clock forward to an instant; one that has passed changes nothing."""
    tenant = _existing(tx, tenant_id)
    if tenant.clock.read(tx.now) < to:
        tenant = replace(tenant, clock=tenant.clock.set(to, tx.now))
        tx.put(tenant)
    return tenant


def change_settings(tx: Transaction, tenant_id: str, settings: TenantSettings) -> Tenant:
    """Give the tenant other settings."""
    tenant = replace(_existing(tx, tenant_id), settings=settings)
    tx.put(tenant)
    return tenant


def _existing(tx: Transaction, tenant_id: str) -> Tenant:
    tenant = tx.get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound("tenant", tenant_id)
    return tenant


def directory(tx: Transaction) -> tuple[list[User], list[Application]]:
    """Who can sign in to the tenant of the transaction."""
    return tx.find(Query(entity=User)), tx.find(Query(entity=Application))
