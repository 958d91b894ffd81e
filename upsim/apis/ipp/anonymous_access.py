"""Get-Printer-Attributes without credentials, where a tenant allows it.

CUPS sets up an `everywhere` queue by one Get-Printer-Attributes for which it never asks for a password. The
service asks for a token every time, so this is a setting. Everything else still needs credentials.
"""

from upsim.domain.caller import Caller
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.tenant import Tenant
from upsim.server.context import Call
from upsim.services.ports import SYSTEM, Transaction
from upsim.wire.ipp.operations import Operation

ANONYMOUS_OPERATION = Operation.GET_PRINTER_ATTRIBUTES


async def admit_anonymous(call: Call) -> Caller | None:
    """An anonymous caller of the tenant that has the printer of the URL, if that tenant admits such callers."""
    named = call.parameters.get("printer", "").lower()
    if not named:
        return None
    for tenant in await call.site.store.read(SYSTEM, _tenants_that_admit):
        if await call.site.store.read(tenant.id, lambda tx: _has(tx, named)):
            return Caller(kind="nobody", tenant_id=tenant.id, permissions=frozenset({"Printers.Read"}))
    return None


def _tenants_that_admit(tx: Transaction) -> list[Tenant]:
    return tx.find(Query(entity=Tenant, accepts=lambda tenant: tenant.settings.ipp.open_printer_attributes))


def _has(tx: Transaction, named: str) -> bool:
    return tx.get(PrinterShare, named) is not None or tx.get(Printer, named) is not None
