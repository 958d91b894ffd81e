"""Reading bodies of the control API: typed, and refused with a sentence where they do not fit."""

from typing import TypeVar

import msgspec

from upsim.domain.faults import Fault, Refused
from upsim.domain.tenant import Tenant
from upsim.server.context import Call
from upsim.services import tenants
from upsim.services.ports import SYSTEM

T = TypeVar("T")


async def read_as(call: Call, kind: type[T], what: str) -> T:
    """The body as `kind`; `what` completes 'The body is not ...'."""
    try:
        return msgspec.convert(await call.json(), kind)
    except msgspec.ValidationError as error:
        raise Refused(Fault.INVALID, f"The body is not {what}: {error}.", reason="body-invalid") from error


async def tenant_named(call: Call) -> Tenant:
    """The tenant that the path names, by id or domain."""
    name = call.parameters["tenant"]
    return await call.site.store.read(SYSTEM, lambda tx: tenants.named(tx, name))
