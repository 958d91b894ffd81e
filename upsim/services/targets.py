"""Which printer an IPP request is about, and whether the caller may speak of it.

Devices name themselves by output-device-uuid; users name a share or a printer by its URI. The names are the
same GUIDs that Graph shows.
"""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain.caller import Caller
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.tenant import TenantSettings
from upsim.services import access, printers, shares
from upsim.services.ports import Transaction


class Target(Struct, frozen=True, kw_only=True):
    """A printer, the share through which it was named, and what the tenant says now."""

    printer: Printer
    share: PrinterShare | None = None
    settings: TenantSettings
    now: datetime

    @property
    def id(self) -> str:
        """The id under which the caller knows it."""
        return self.share.id if self.share else self.printer.id

    @property
    def is_long_unseen(self) -> bool:
        """Whether the device has not been heard of for a while."""
        seen = self.printer.last_seen_at
        return seen is None or self.now - seen >= printers.SEEN_EVERY

    def seconds(self, moment: datetime) -> int:
        """A moment on the clock of printer-up-time, which began when the printer was registered."""
        return max(1, int((moment - self.printer.registered_at).total_seconds()) + 1)


def find(tx: Transaction, caller: Caller, device_id: str, named: str) -> tuple[Printer, PrinterShare | None]:
    """The target of a request: `device_id` is the device's own name, `named` what its URI says; '' for neither."""
    if caller.kind == "device":
        return _of_device(tx, caller, device_id or named), None
    if device_id or named:
        return _of_user(tx, caller, named or device_id)
    raise Refusal(RefusalKind.INVALID, "The request names no printer; send printer-uri.", reason="target-missing")


def _of_device(tx: Transaction, caller: Caller, named: str) -> Printer:
    """A device reaches its own printer, also by the id of its share; a connector reaches its printers."""
    named = (named or caller.printer_id).lower()
    share = tx.get(PrinterShare, named)
    printer = tx.get(Printer, share.printer_id if share else named)
    if printer is None and caller.proof == "key":
        # The key names the printer; the device may have an identity of its own, as ippproxy does.
        printer = tx.get(Printer, caller.printer_id)
    if printer is None:
        raise NotFound("output device", named)
    if printer.connector_id != caller.printer_id:
        access.own_printer(caller, printer.id)
    return printer


def speaker(caller: Caller, target: Target) -> Caller:
    """A device as it speaks to the target: a connector speaks as the device of the printer that it names.

    What a connector's token opens is not documented; that it opens its own printers and no others is chosen.
    """
    if caller.printer_id.lower() == target.printer.id:
        return caller
    return replace(caller, printer_id=target.printer.id, connector_id=caller.printer_id)


def _of_user(tx: Transaction, caller: Caller, named: str) -> tuple[Printer, PrinterShare | None]:
    """A share that admits the caller; or a printer, for ordinary users one whose share admits them."""
    if tx.get(PrinterShare, named.lower()) is not None:
        share, printer = shares.get(tx, caller, named)
        return printer, share
    printer = printers.get(tx, named)
    if caller.kind != "user" or access.administers(tx, caller, printer.id):
        return printer, None
    of_printer = printers.share_of(tx, printer.id)
    if of_printer is None:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"Printer {printer.id} is not shared; only a Printer Administrator may use it directly.",
            reason="printer-not-shared",
        )
    access.check_share(tx, caller, of_printer)
    return printer, of_printer
