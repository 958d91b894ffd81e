"""What a unit has to know of its tenant."""

from typing import NamedTuple

from upsim.domain.refusals import NotFound
from upsim.domain.tenant import Tenant
from upsim.services.ports import SYSTEM
from upsim.storage._sql.session import Executor
from upsim.storage._sql.statements import statements
from upsim.storage.cache import CACHE

_TENANT_RECORD = statements()["tenant_record"]


class TenantRecord(NamedTuple):
    """A tenant, None for the system, and the number that its rows carry (column `place`)."""

    tenant: Tenant | None
    number: int


SYSTEM_RECORD = TenantRecord(None, 0)


def read_tenant(connection: Executor, tenant_id: str) -> TenantRecord:
    """The tenant as it is now; raises `NotFound`."""
    if tenant_id == SYSTEM:
        return SYSTEM_RECORD
    row = connection.execute(_TENANT_RECORD, {"tenant": tenant_id}).fetchone()
    if row is None:
        raise NotFound("tenant", tenant_id)
    return TenantRecord(CACHE.decode(Tenant, row[0]), int(row[1]))
