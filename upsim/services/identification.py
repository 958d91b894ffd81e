"""Identify-Printer from the user's side, Acknowledge-Identify-Printer from the device's."""

from msgspec.structs import replace

from upsim.domain.attributes import values
from upsim.domain.caller import Caller
from upsim.domain.events import Event
from upsim.domain.identification import IDENTIFY_PRINTER_REQUESTED, IdentifyRequest
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services import access, notifications, printers
from upsim.services.ports import Transaction

DEFAULT_ACTIONS = ("display",)
KNOWN_ACTIONS = ("display", "flash", "sound", "speak")
"""identify-actions keywords of PWG 5100.13 section 8.5.4."""


def request(tx: Transaction, printer_id: str, actions: tuple[str, ...], message: str) -> None:
    """Ask the printer to identify itself; its device learns of it from printer-state-reasons."""
    printer = printers.get(tx, printer_id)
    supported = [str(item) for item in values(printer.attributes, "identify-actions-supported")] or KNOWN_ACTIONS
    if unknown := [action for action in actions if action not in supported]:
        raise Refusal(
            RefusalKind.ATTRIBUTES_UNSUPPORTED,
            f"The printer cannot identify itself by {', '.join(unknown)}; it can by {', '.join(supported)}.",
            reason="identify-actions",
            attributes={"identify-actions": unknown[0]},
        )
    wish = IdentifyRequest(id=printer.id, actions=actions or DEFAULT_ACTIONS, message=message, created_at=tx.now)
    tx.put(wish)
    reasons = {*printer.state_reasons, IDENTIFY_PRINTER_REQUESTED}
    _set_reasons(tx, printer_id, tuple(sorted(reasons)))


def acknowledge(tx: Transaction, caller: Caller, printer_id: str) -> IdentifyRequest:
    """What was asked; the wish is gone with it."""
    access.check_device(caller, printer_id)
    wish = tx.get(IdentifyRequest, printer_id)
    if wish is None:
        raise Refusal(RefusalKind.NOT_POSSIBLE, "Nobody asked the printer to identify itself.", reason="not-asked")
    tx.delete(wish)
    reasons = set(printers.get(tx, printer_id).state_reasons) - {IDENTIFY_PRINTER_REQUESTED}
    _set_reasons(tx, printer_id, tuple(sorted(reasons)))
    return wish


def _set_reasons(tx: Transaction, printer_id: str, reasons: tuple[str, ...]) -> None:
    before = printers.get(tx, printer_id)
    printer = replace(before, state_reasons=reasons).stamped(before, tx.now)
    tx.put(printer)
    tx.emit(Event(name="printer.state-changed", subject=printer.id, facts={"state": printer.state}))
    notifications.printer_event(tx, printer, "printer-state-changed")
