"""Tenants themselves. These units run under `SYSTEM`, except `directory`, which runs in the tenant."""

from msgspec.structs import replace

from upsim.domain.application import Application
from upsim.domain.faults import NotFound
from upsim.domain.query import Query
from upsim.domain.tenant import Tenant
from upsim.domain.user import User
from upsim.services.ports import Transaction


def list_all(tx: Transaction) -> list[Tenant]:
    """Every tenant."""
    return tx.find(Query(entity=Tenant))


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
    tenant = tx.get(Tenant, tenant_id)
    if tenant is None:
        raise NotFound("tenant", tenant_id)
    clock = tenant.clock
    if is_frozen is not None:
        clock = clock.frozen(tx.now) if is_frozen else clock.running(tx.now)
    tenant = replace(tenant, clock=clock.advanced(advance_seconds))
    tx.put(tenant)
    return tenant


def directory(tx: Transaction) -> tuple[list[User], list[Application]]:
    """Who can sign in to the tenant of the transaction."""
    return tx.find(Query(entity=User)), tx.find(Query(entity=Application))
