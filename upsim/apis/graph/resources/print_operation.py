"""printOperation: only printerCreateOperation exists. `@odata.type` is always written; SDKs downcast by it."""

from upsim.apis.graph.resources.instants import instant
from upsim.apis.graph.resources.printer import represent_printer
from upsim.apis.graph.selection import Json, View
from upsim.domain.printer import Printer
from upsim.domain.registration import PrinterCreateOperation
from upsim.services.ports import Transaction


def represent_operation(
    tx: Transaction, view: View, operation: PrinterCreateOperation, printer: Printer | None
) -> Json:
    """Return the operation; once it succeeded, with its printer inlined (print operation: get)."""
    body: Json = {
        "@odata.type": "#microsoft.graph.printerCreateOperation",
        "id": operation.id,
        "createdDateTime": instant(operation.created_at),
        "certificate": operation.certificate,
        "status": {"state": operation.state.value, "description": operation.description},
    }
    if printer is not None:
        body["printer"] = represent_printer(tx, view, printer)
    return body
