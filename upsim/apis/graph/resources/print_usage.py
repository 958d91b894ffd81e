"""printUsageByPrinter, printUsageByUser and archivedPrintJob."""

from upsim.apis.graph.resources.instants import instant
from upsim.apis.graph.resources.print_job import represent_originator
from upsim.apis.graph.resources.print_job_status import state_of
from upsim.apis.graph.selection import NONE, Json, View
from upsim.domain.print_usage import UsageRow
from upsim.services.ports import Transaction
from upsim.services.reports import ArchivedJob
from upsim.wire.odata.query import QueryOptions


def represent_usage_by_printer(tx: Transaction, view: View, row: UsageRow, options: QueryOptions = NONE) -> Json:  # noqa: ARG001
    return {"id": row.id, "printerId": row.subject, "printerName": row.name, **_counters(row)}


def represent_usage_by_user(tx: Transaction, view: View, row: UsageRow, options: QueryOptions = NONE) -> Json:  # noqa: ARG001
    return {"id": row.id, "userPrincipalName": row.subject, **_counters(row)}


def represent_usage(tx: Transaction, view: View, row: UsageRow, options: QueryOptions = NONE) -> Json:
    """Return a row of beta's mixed collection, with the type that it is downcast by."""
    return {
        "@odata.type": "#microsoft.graph.printUsageByPrinter",
        **represent_usage_by_printer(tx, view, row, options),
    }


def represent_archived_job(
    tx: Transaction,  # noqa: ARG001
    view: View,
    archived: ArchivedJob,
    options: QueryOptions = NONE,  # noqa: ARG001
) -> Json:
    """Return a finished job. Its id is a GUID, unlike the number that the live job has."""
    job, printed = archived.job, archived.printed
    body: Json = {
        "id": job.document.id,
        "printerId": job.place,
        "printerName": archived.printer_name,
        "processingState": state_of(job)[0],
        "createdDateTime": instant(job.created_at),
        "acquiredDateTime": instant(job.acknowledged_at),
        "completionDateTime": instant(job.ended_at),
        "acquiredByPrinter": job.acknowledged_at is not None,
        "copiesPrinted": archived.copies_printed,
        "createdBy": represent_originator(job),
    }
    if view.is_beta:
        body |= {
            "pageCount": printed and printed.pages,
            "blackAndWhitePageCount": printed and printed.black_and_white_pages,
            "colorPageCount": printed and printed.color_pages,
            "simplexPageCount": printed and printed.single_sided_sheets,
            "duplexPageCount": printed and printed.double_sided_sheets * 2,
        }
    return body


def _counters(row: UsageRow) -> Json:
    """Page and sheet counters are null where the pages of no job are known."""
    printed = row.printed
    return {
        "usageDate": row.date.isoformat(),
        "completedBlackAndWhiteJobCount": row.completed_black_and_white,
        "completedColorJobCount": row.completed_color,
        "incompleteJobCount": row.incomplete,
        "completedJobCount": row.completed_black_and_white + row.completed_color,
        "pageCount": printed and printed.pages,
        "blackAndWhitePageCount": printed and printed.black_and_white_pages,
        "colorPageCount": printed and printed.color_pages,
        "mediaSheetCount": printed and printed.sheets,
        "singleSidedSheetCount": printed and printed.single_sided_sheets,
        "doubleSidedSheetCount": printed and printed.double_sided_sheets,
    }
