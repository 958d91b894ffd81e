"""Short keys for clients that cannot send a bearer token, such as libcups and older firmware.

libcups cuts Basic credentials at 191 octets, so a token does not fit. A key is derived from the tenant's seed
and the id of its owner: it needs no row, and is the same in every run of the same seed.
"""

import hashlib
import hmac

from upsim.domain.caller import Caller
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.domain.user import User
from upsim.services import printers
from upsim.services.identity import find_user
from upsim.services.ports import Transaction

DEVICE_PERMISSIONS = frozenset(
    {
        "Printers.Read",
        "PrinterProperties.ReadWrite",
        "PrintJob.Read",
        "PrintJob.ReadWriteBasic",
        "PrintBadges.Read",
    }
)
"""What a device's key opens: all that printers are given in a tenant."""
USER_SCOPES = frozenset(
    {"Printers.Read", "PrinterProperties.Read", "PrinterProperties.ReadWrite", "PrintJob.ReadWrite"}
)
"""What a user's key opens: what desktop clients ask for."""
_OCTETS = 16


def device_key(tx: Transaction, printer_id: str) -> str:
    """The key of a printer's device; its user name is the printer's id."""
    return _derive(tx, "device", printers.get(tx, printer_id).id)


def user_key(tx: Transaction, name: str) -> str:
    """The key of a user; their user name is the user principal name."""
    return _derive(tx, "user", find_user(tx, name).id)


def prove(tx: Transaction, name: str, key: str) -> Caller | None:
    """The caller whom a name and a key prove in this tenant."""
    printer = tx.get(Printer, name.lower())
    if printer is not None and _fits(tx, "device", printer.id, key):
        return Caller(
            kind="device",
            tenant_id=tx.tenant_id,
            printer_id=printer.id,
            permissions=DEVICE_PERMISSIONS,
            proof="key",
        )
    user = tx.first(Query(entity=User, key=name.lower()))
    if user is not None and user.is_enabled and _fits(tx, "user", user.id, key):
        return Caller(
            kind="user",
            tenant_id=tx.tenant_id,
            user_id=user.id,
            user_principal_name=user.user_principal_name,
            display_name=user.display_name,
            scopes=USER_SCOPES,
            roles=frozenset(user.roles),
            proof="key",
        )
    return None


def _fits(tx: Transaction, kind: str, identifier: str, key: str) -> bool:
    return hmac.compare_digest(_derive(tx, kind, identifier).encode(), key.encode("utf-8", "replace"))


def _derive(tx: Transaction, kind: str, identifier: str) -> str:
    text = f"{tx.tenant_id}/{kind}-key/{identifier}".encode()
    return hashlib.blake2b(text, key=tx.tenant.seed.encode()[:64], digest_size=_OCTETS).hexdigest()
