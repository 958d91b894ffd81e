"""Printer shares: what users print to."""

from datetime import datetime

from msgspec.structs import replace

from upsim.domain.caller import Caller
from upsim.domain.events import Event
from upsim.domain.faults import Fault, NotFound, Refused
from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import DISPLAY_NAME_LENGTH_MAX, PrinterShare
from upsim.domain.query import Query
from upsim.services import access, printers
from upsim.services.ports import Transaction


def get(tx: Transaction, caller: Caller, share_id: str) -> tuple[PrinterShare, Printer]:
    """A share and its printer, for a caller whom it admits."""
    share = tx.get(PrinterShare, share_id.lower())
    if share is None:
        raise NotFound("printerShare", share_id)
    access.check_share(tx, caller, share)
    return share, printers.get(tx, share.printer_id)


def get_share(tx: Transaction, caller: Caller, share_id: str, printer_id: str = "") -> PrinterShare:
    """A share that admits the caller; with `printer_id` only when it is that printer's."""
    share, printer = get(tx, caller, share_id)
    if printer_id and printer.id != printer_id.lower():
        raise NotFound("printerShare", share_id)
    return share


def list_visible_shares(tx: Transaction, caller: Caller) -> list[PrinterShare]:
    """The shares that the caller may print to, oldest first."""
    return tx.find(Query(entity=PrinterShare, accepts=lambda share: access.admits(tx, caller, share)))


def last_used(tx: Transaction, user_id: str, share_id: str) -> datetime | None:
    """When a user last printed to a share."""
    jobs = tx.find(Query(entity=Job, owner=user_id, key=share_id, is_newest_first=True, limit=1))
    return jobs[0].created_at if jobs else None


def list_visible(tx: Transaction, caller: Caller) -> list[tuple[PrinterShare, Printer]]:
    """The shares that the caller may print to, with their printers, oldest first."""
    shares = tx.find(Query(entity=PrinterShare, accepts=lambda share: access.admits(tx, caller, share)))
    return [(share, printers.get(tx, share.printer_id)) for share in shares]


def create(
    tx: Transaction, *, display_name: str, printer_id: str, allow_all_users: bool
) -> tuple[PrinterShare, Printer]:
    """Share a printer. A printer has at most one share, a name at most `DISPLAY_NAME_LENGTH_MAX` characters."""
    _check_name(display_name)
    printer = _free_printer(tx, printer_id)
    share = PrinterShare(
        id=tx.new_id(),
        display_name=display_name,
        printer_id=printer.id,
        created_at=tx.now,
        allow_all_users=allow_all_users,
    )
    tx.put(share)
    tx.emit(Event(name="share.created", subject=share.id, facts={"printer": printer.id}))
    return share, printer


def update(
    tx: Transaction,
    share_id: str,
    *,
    display_name: str | None = None,
    printer_id: str | None = None,
    allow_all_users: bool | None = None,
) -> tuple[PrinterShare, Printer]:
    """Rename a share, open or close it to everyone, or put another printer behind it; its id stays."""
    share = tx.get(PrinterShare, share_id.lower())
    if share is None:
        raise NotFound("printerShare", share_id)
    if display_name is not None:
        _check_name(display_name)
        share = replace(share, display_name=display_name)
    if allow_all_users is not None:
        share = replace(share, allow_all_users=allow_all_users)
    if printer_id is not None and printer_id.lower() != share.printer_id:
        share = replace(share, printer_id=_free_printer(tx, printer_id).id)
    tx.put(share)
    tx.emit(Event(name="share.updated", subject=share.id))
    return share, printers.get(tx, share.printer_id)


def delete(tx: Transaction, share_id: str) -> None:
    """Unshare. Jobs that were submitted through the share stay on the printer."""
    share = tx.get(PrinterShare, share_id.lower())
    if share is None:
        raise NotFound("printerShare", share_id)
    tx.delete(share)
    tx.emit(Event(name="share.deleted", subject=share.id, facts={"printer": share.printer_id}))


def _check_name(display_name: str) -> None:
    if not display_name.strip():
        raise Refused(Fault.INVALID, "displayName must not be empty.", reason="name-empty", target="displayName")
    if len(display_name) > DISPLAY_NAME_LENGTH_MAX:
        raise Refused(
            Fault.INVALID,
            f"displayName has {len(display_name)} characters; a share's may have {DISPLAY_NAME_LENGTH_MAX}.",
            reason="name-too-long",
            target="displayName",
        )


def _free_printer(tx: Transaction, printer_id: str) -> Printer:
    printer = printers.get(tx, printer_id)
    if printers.share_of(tx, printer.id) is not None:
        raise Refused(
            Fault.ALREADY_EXISTS,
            f"Printer {printer.id} is shared already; a printer has at most one share.",
            reason="printer-shared",
        )
    return printer
