"""XPS to PDF, where print settings have the service convert documents for printers that take no XPS.

The job is `job-transforming` for as long as the tenant says; then its payload is ready and is fetched as PDF.
"""

from collections.abc import Collection

from upsim.domain.document_formats import OXPS, PDF, XPS
from upsim.domain.job import Job
from upsim.services import print_settings, printers
from upsim.services.ports import Transaction

CONVERTIBLE = frozenset({OXPS, XPS})


def is_possible(tx: Transaction, formats: Collection[str], document_format: str) -> bool:
    """Whether a document of this format can be had in one of a printer's `formats` by conversion."""
    known = {item.lower() for item in formats}
    if document_format.lower() not in CONVERTIBLE or document_format.lower() in known or PDF not in known:
        return False
    return print_settings.get(tx).is_document_conversion_enabled


def is_needed(tx: Transaction, job: Job) -> bool:
    """Whether the job's document must be converted, and can be, before its printer's device may fetch it."""
    if job.document.converted_to or job.document.format.lower() not in CONVERTIBLE:
        return False
    return is_possible(tx, printers.get(tx, job.printer_id).document_formats, job.document.format)
