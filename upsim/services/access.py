"""What a caller may see and touch, beyond what a row's permissions say."""

from upsim.domain.administrative_unit import AdministrativeUnit
from upsim.domain.caller import Caller
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.user import Group
from upsim.services.ports import Transaction


def check_share(tx: Transaction, caller: Caller, share: PrinterShare) -> None:
    """Refuse a user whom the share does not admit."""
    if not admits(tx, caller, share):
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"The share '{share.display_name}' does not admit {caller.name}; ask an administrator to add the "
            "user or one of their groups.",
            reason="share-access",
        )


def admits(tx: Transaction, caller: Caller, share: PrinterShare) -> bool:
    """Whether the caller may see and print to the share. Administrators and applications see all shares."""
    if caller.kind != "user" or caller.is_printer_administrator:
        return True
    return share.admits(caller.user_id, groups_of(tx, caller.user_id)) or administers(tx, caller, share.printer_id)


def administers(tx: Transaction, caller: Caller, printer_id: str) -> bool:
    """Whether the caller is Printer Administrator for a printer: of the tenant, or of a unit that has it."""
    if caller.is_printer_administrator:
        return True
    return any(printer_id in unit.members for unit in _units_of(tx, caller))


def check_unit_administrator(tx: Transaction, caller: Caller, printer_id: str = "", share_id: str = "") -> None:
    """Refuse who administers no administrative unit, or none that has the printer that a path names."""
    units = _units_of(tx, caller)
    share = tx.get(PrinterShare, share_id.lower()) if share_id else None
    named = share.printer_id if share else printer_id.lower()
    if not units or (named and not any(named in unit.members for unit in units)):
        raise Refusal(
            RefusalKind.FORBIDDEN,
            "The signed-in user must be a Printer Administrator"
            + (", and of an administrative unit that has the printer." if units else "."),
            reason="administrator-needed",
        )


def administered(tx: Transaction, caller: Caller, printers: list[Printer]) -> list[Printer]:
    """Those of the printers that the caller administers; applications see all."""
    if caller.kind != "user" or caller.is_printer_administrator:
        return printers
    members = {member for unit in _units_of(tx, caller) for member in unit.members}
    return [printer for printer in printers if printer.id in members]


def _units_of(tx: Transaction, caller: Caller) -> list[AdministrativeUnit]:
    """The administrative units over which the caller is Printer Administrator."""
    if caller.kind != "user":
        return []
    return tx.find(
        Query(entity=AdministrativeUnit, accepts=lambda unit: caller.user_id in unit.printer_administrators)
    )


def groups_of(tx: Transaction, user_id: str) -> set[str]:
    """Ids of the groups that a user is a member of."""
    return {group.id for group in tx.find(Query(entity=Group, accepts=lambda group: user_id in group.members))}


def check_device(caller: Caller, printer_id: str) -> None:
    """Refuse whoever is not the printer's own device."""
    if caller.kind != "device":
        raise Refusal(
            RefusalKind.FORBIDDEN,
            "Only the printer's own device may do this, with its own token.",
            reason="device-needed",
        )
    own_printer(caller, printer_id)


def own_printer(caller: Caller, printer_id: str) -> str:
    """The id, if it is that of the device's own printer: a device reaches only its own data."""
    if caller.kind == "device" and caller.printer_id.lower() != printer_id.lower():
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"The device token is for printer {caller.printer_id}, not for {printer_id}.",
            reason="printer-of-another-device",
        )
    return printer_id
