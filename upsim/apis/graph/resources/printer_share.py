"""printerShare."""

from upsim.apis.graph.resources.instants import instant
from upsim.apis.graph.resources.printer_base import represent_printer_base
from upsim.apis.graph.selection import NONE, Json, View
from upsim.domain.printer_share import PrinterShare
from upsim.services import printers, shares
from upsim.services.ports import Transaction
from upsim.wire.odata.query import QueryOptions
from upsim.wire.odata.selection import is_selected


def represent_share(tx: Transaction, view: View, share: PrinterShare, options: QueryOptions = NONE) -> Json:
    """Return a share; what belongs to the machine is its printer's."""
    printer = printers.get(tx, share.printer_id)
    body = {
        "id": share.id,
        **represent_printer_base(view, printer, share.display_name, options),
        "createdDateTime": instant(share.created_at),
        "allowAllUsers": share.allow_all_users,
    }
    if view.is_beta:
        body["holdJobsForSecureRelease"] = share.holds_for_release
    if not view.is_list or view.viewpoint_of or is_selected(options.select, "viewPoint"):
        used = shares.last_used(tx, view.viewpoint_of or view.caller.user_id, share.id)
        body["viewPoint"] = used and {"lastUsedDateTime": instant(used)}
    return body
