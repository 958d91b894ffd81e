"""Where a tenant's rows are: each carries the number of its tenant, which is shorter than a GUID and in order."""

from typing import NamedTuple

from upsim.domain.faults import NotFound
from upsim.domain.tenant import Tenant
from upsim.services.ports import SYSTEM
from upsim.storage._sql.rows import to_entity
from upsim.storage._sql.session import Session
from upsim.storage._sql.statements import statements

COUNTER = "place"
"""The counter of the system that numbers are taken from: none is given twice, so none is ever another tenant's."""


class Placed(NamedTuple):
    """A tenant, None for the system, and the number of its rows."""

    tenant: Tenant | None
    place: int


SYSTEM_PLACED = Placed(None, 0)


def placed(session: Session, tenant_id: str, known: dict[str, Placed]) -> Placed:
    """Look a tenant up, among those that are known first; raises `NotFound`."""
    if tenant_id == SYSTEM:
        return SYSTEM_PLACED
    found = known.get(tenant_id)
    if found is None:
        row = session.execute(statements()["placed"], {"tenant": tenant_id}).fetchone()
        if row is None:
            raise NotFound("tenant", tenant_id)
        found = known[tenant_id] = Placed(to_entity(Tenant, row[0]), int(row[1]))
    return found
