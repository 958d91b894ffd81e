"""Where a tenant's rows are: each carries the number of its tenant (`schema/005.sql`)."""

from typing import NamedTuple

from upsim.domain.refusals import NotFound
from upsim.domain.tenant import Tenant
from upsim.services.ports import SYSTEM
from upsim.storage._sql.rows import to_entity
from upsim.storage._sql.session import Session
from upsim.storage._sql.statements import statements

COUNTER = "place"
"""The system's counter that new places come from."""


class Placed(NamedTuple):
    """A tenant, None for the system, and the number that its rows carry."""

    tenant: Tenant | None
    place: int


_SYSTEM = Placed(None, 0)


def look_up(session: Session, tenant_id: str, known: dict[str, Placed]) -> Placed:
    """A tenant and its place, of those that are known or else from the store; raises `NotFound`."""
    if tenant_id == SYSTEM:
        return _SYSTEM
    found = known.get(tenant_id)
    if found is None:
        row = session.execute(statements()["placed"], {"tenant": tenant_id}).fetchone()
        if row is None:
            raise NotFound("tenant", tenant_id)
        found = known[tenant_id] = Placed(to_entity(Tenant, row[0]), int(row[1]))
    return found
