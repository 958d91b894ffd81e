"""Printers: look up, describe, unregister."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from upsim.domain import sparse
from upsim.domain.attributes import Attributes, AttributeValue, first, values
from upsim.domain.caller import Caller
from upsim.domain.events import Event
from upsim.domain.printer import Printer, PrinterState
from upsim.domain.printer_share import PrinterShare
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.services import access, notifications
from upsim.services.ports import Transaction


class PrinterChange(Struct, frozen=True, kw_only=True):
    """What an update changes. `fields` are a printer's own; None among attributes takes one away."""

    fields: dict[str, Any] = {}
    location: dict[str, Any] = {}
    defaults: dict[str, tuple[AttributeValue, ...] | None] = {}
    attributes: dict[str, tuple[AttributeValue, ...] | None] = {}


STATE_FIELDS = frozenset({"state", "state_reasons", "state_message"})
"""What a test that holds a printer's state keeps from its device."""
SEEN_EVERY = timedelta(seconds=60)
"""`last_seen_at` is not written more often than this."""


def get(tx: Transaction, printer_id: str) -> Printer:
    """The printer, or `NotFound`. Ids are GUIDs, so their case does not matter."""
    printer = tx.get(Printer, printer_id.lower())
    if printer is None:
        raise NotFound("printer", printer_id)
    return printer


def list_all(tx: Transaction) -> list[Printer]:
    """Every printer of the tenant, oldest first."""
    return tx.find(Query(entity=Printer))


def list_administered(tx: Transaction, caller: Caller) -> list[Printer]:
    """The printers that the caller administers, oldest first."""
    return access.administered(tx, caller, list_all(tx))


def share_of(tx: Transaction, printer_id: str) -> PrinterShare | None:
    """The one share that points at the printer, if any."""
    return tx.first(Query(entity=PrinterShare, parent=printer_id))


def shared_ids(tx: Transaction) -> frozenset[str]:
    """Ids of all printers that are shared."""
    return frozenset(share.printer_id for share in tx.find(Query(entity=PrinterShare)))


def describe(tx: Transaction, printer_id: str, reported: Attributes, deleted: Collection[str] = ()) -> Printer:
    """Take over the attributes that a device reports (PWG 5100.18 Update-Output-Device-Attributes).

    Attributes that are not named keep their values, so a device may report everything once and then only what
    changed, single values included (`upsim.domain.sparse`). `deleted` names what the device takes back.
    """
    printer = get(tx, printer_id)
    attributes = sparse.merged(printer.attributes, reported, deleted)
    touched = {name for name in map(sparse.base_name, reported) if name in attributes}
    told = {name: attributes[name] for name in touched}
    standing = standing_of(printer, told)
    if printer.is_state_held:
        standing = {name: value for name, value in standing.items() if name not in STATE_FIELDS}
    described = replace(printer, attributes=attributes, last_seen_at=tx.now, **standing).stamped(printer, tx.now)
    tx.put(described)
    notifications.printer_described(tx, printer, described, {*touched, *map(sparse.base_name, deleted)})
    if described.state != printer.state or described.state_reasons != printer.state_reasons:
        tx.emit(Event(name="printer.state-changed", subject=printer.id, facts={"state": described.state}))
    else:
        tx.emit(Event(name="printer.config-changed", subject=printer.id))
    return described


def describe_as_device(
    tx: Transaction, caller: Caller, printer_id: str, reported: Attributes, deleted: Collection[str] = ()
) -> Printer:
    """Take over what a printer's own device reports; nobody else speaks for it."""
    access.check_device(caller, printer_id)
    return describe(tx, printer_id, reported, deleted)


def saw(tx: Transaction, printer_id: str) -> None:
    """Remember that the device was heard of."""
    printer = get(tx, printer_id)
    tx.put(replace(printer, last_seen_at=tx.now))


def change(tx: Transaction, caller: Caller, printer_id: str, change: PrinterChange) -> Printer:
    """Update a printer as Graph does (printer: update).

    Administrators name it, place it and choose defaults. An application reports what a device would, but only for
    a printer without a device that it registered itself.
    """
    before = get(tx, printer_id)
    if caller.kind != "user":
        check_own(caller, before)
    printer = replace(
        before,
        **change.fields,
        location=replace(before.location, **change.location),
        defaults=_merged(before.defaults, change.defaults),
        attributes=_merged(before.attributes, change.attributes),
    ).stamped(before, tx.now)
    if not printer.display_name.strip():
        raise Refusal(
            RefusalKind.INVALID, "displayName must not be empty.", reason="name-empty", target="displayName"
        )
    tx.put(printer)
    tx.emit(Event(name="printer.config-changed", subject=printer.id))
    return printer


def describe_as_application(tx: Transaction, caller: Caller, printer_id: str, reported: Attributes) -> Printer:
    """Take over IPP attributes that an application sends for its own virtual printer."""
    if caller.kind == "user":
        raise Refusal(
            RefusalKind.FORBIDDEN,
            "A printer takes application/ipp only from the application that registered it.",
            reason="application-needed",
        )
    check_own(caller, get(tx, printer_id))
    return describe(tx, printer_id, reported)


def restore_defaults(tx: Transaction, printer_id: str) -> Printer:
    """Take back the defaults that an administrator chose; the device's own stand again."""
    before = get(tx, printer_id)
    printer = replace(before, defaults={}).stamped(before, tx.now)
    tx.put(printer)
    tx.emit(Event(name="printer.config-changed", subject=printer.id))
    return printer


def check_own(caller: Caller, printer: Printer) -> None:
    """Refuse an application that did not register the printer, or one for a printer with a device."""
    if caller.app_id != printer.registered_by_app_id:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            "Only the application that registered the printer may update it.",
            reason="printer-of-another-application",
        )
    if printer.has_physical_device:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            "An application may update only a printer without a physical device.",
            reason="printer-with-device",
        )


def _merged(kept: Attributes, changed: Mapping[str, tuple[AttributeValue, ...] | None]) -> Attributes:
    """Attributes with some replaced, and those changed to None or to nothing taken away."""
    return {name: value for name, value in {**kept, **changed}.items() if value}


def standing_of(printer: Printer, reported: Attributes) -> dict[str, object]:
    """The fields of a printer that mirror single attributes (RFC 8011 section 5.4)."""
    changed: dict[str, object] = {}
    if (state := first(reported, "printer-state")) is not None and state in set(PrinterState):
        changed["state"] = PrinterState(state)
    elif printer.state is None:
        changed["state"] = PrinterState.IDLE
    if "printer-state-reasons" in reported:
        reasons = (str(reason) for reason in values(reported, "printer-state-reasons"))
        changed["state_reasons"] = tuple(reason for reason in reasons if reason != "none")
    if "printer-state-message" in reported:
        changed["state_message"] = str(first(reported, "printer-state-message", ""))
    if (accepting := first(reported, "printer-is-accepting-jobs")) is not None:
        changed["is_accepting_jobs"] = bool(accepting)
    elif printer.is_accepting_jobs is None:
        changed["is_accepting_jobs"] = True
    return changed
