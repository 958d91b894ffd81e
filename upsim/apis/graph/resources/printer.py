"""printer."""

from typing import Any

from upsim.apis.graph.print_options import write_capabilities, write_defaults
from upsim.apis.graph.resources.instants import instant
from upsim.apis.graph.resources.printer_base import represent_printer_base
from upsim.apis.graph.resources.printer_location import read_location
from upsim.apis.graph.resources.printer_status import STATE_OF, reason_of
from upsim.apis.graph.selection import NONE, Json, View
from upsim.domain.printer import Printer
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services import printers
from upsim.services.ports import Transaction
from upsim.services.printers import PrinterChange
from upsim.wire.odata.query import QueryOptions

WRITABLE = {
    "user": frozenset({"defaults", "location", "displayName", "releaseMechanisms"}),
    "application": frozenset(
        {"defaults", "capabilities", "displayName", "manufacturer", "model", "status", "isAcceptingJobs"}
    ),
}
"""The members that an update may set, by kind of caller (printer: update, the two tables of the page)."""
RELEASE_TYPES = frozenset({"qrCode"})
_FIELDS = {
    "displayName": "display_name",
    "manufacturer": "manufacturer",
    "model": "model",
    "isAcceptingJobs": "is_accepting_jobs",
}


def read_printer(body: Json) -> PrinterChange:
    """Return the changes of a PATCH."""
    fields: dict[str, Any] = {_FIELDS[name]: value for name, value in body.items() if name in _FIELDS}
    if "releaseMechanisms" in body:
        fields["release_mechanisms"] = _read_mechanisms(body["releaseMechanisms"])
    status = body.get("status") or {}
    if "state" in status:
        fields["state"] = STATE_OF.get(status["state"])
    if "details" in status:
        fields["state_reasons"] = tuple(reason_of(member) for member in status["details"])
    if "description" in status:
        fields["state_message"] = status["description"] or ""
    return PrinterChange(
        fields=fields,
        location=read_location(body.get("location") or {}),
        defaults=write_defaults(body.get("defaults") or {}),
        attributes=dict(write_capabilities(body.get("capabilities") or {})),
    )


def represent_printer(tx: Transaction, view: View, printer: Printer, options: QueryOptions = NONE) -> Json:
    """Return a printer with every member that the caller may see unasked."""
    body = {
        "id": printer.id,
        **represent_printer_base(view, printer, printer.display_name, options),
        **_represent_own(printer, view.is_beta),
    }
    if view.shared_printers is None:
        body["isShared"] = printers.share_of(tx, printer.id) is not None
    else:
        body["isShared"] = printer.id in view.shared_printers
    return body


def _represent_own(printer: Printer, is_beta: bool) -> Json:
    """Return the members that a printer has and a share has not."""
    body = {
        "hasPhysicalDevice": printer.has_physical_device,
        "registeredDateTime": instant(printer.registered_at),
        "lastSeenDateTime": instant(printer.last_seen_at),
    }
    if is_beta:
        body["acceptingJobs"] = printer.is_accepting_jobs
        body["releaseMechanisms"] = [{"releaseType": each} for each in printer.release_mechanisms]
    return body


def _read_mechanisms(given: list[Json]) -> tuple[str, ...]:
    """Read the ways in which owners release jobs at the printer; only `qrCode` has been seen."""
    kinds = dict.fromkeys(str(each.get("releaseType")) for each in given)
    for kind in kinds:
        if kind not in RELEASE_TYPES:
            raise Refusal(
                RefusalKind.INVALID,
                f"Invalid value specified for property 'releaseMechanisms/releaseType': '{kind}'.",
                reason="enum-unknown",
                target="releaseMechanisms",
            )
    return tuple(kinds)
