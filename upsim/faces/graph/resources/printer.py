"""printer."""

from upsim.domain.printer import Printer
from upsim.faces.graph.resources.instants import instant
from upsim.faces.graph.resources.printer_base import represent_printer_base
from upsim.faces.graph.selection import NONE, Json, View
from upsim.services import printers
from upsim.services.ports import Transaction
from upsim.wire.odata.query import QueryOptions


def represent_printer(tx: Transaction, view: View, printer: Printer, options: QueryOptions = NONE) -> Json:
    """A printer with every member that the caller may see unasked."""
    body = {
        "id": printer.id,
        **represent_printer_base(view, printer, printer.display_name, options),
        "isShared": printers.share_of(tx, printer.id) is not None,
        "hasPhysicalDevice": printer.has_physical_device,
        "registeredDateTime": instant(printer.registered_at),
        "lastSeenDateTime": instant(printer.last_seen_at),
    }
    if view.is_beta:
        body["acceptingJobs"] = printer.is_accepting_jobs
    return body
