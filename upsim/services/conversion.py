"""XPS to PDF, where print settings have the service convert documents for printers that take no XPS.

The job is `job-transforming` for as long as the tenant says; then its payload is ready and is fetched as PDF.
"""

from collections.abc import Collection
from datetime import timedelta

from msgspec.structs import replace

from upsim.domain.document_formats import OXPS, PDF, XPS
from upsim.domain.job import Job
from upsim.domain.job_lifecycle import JobEvent
from upsim.services import print_settings, printers, progress, release
from upsim.services.ports import Transaction

CONVERTIBLE = frozenset({OXPS, XPS})


def is_possible(tx: Transaction, formats: Collection[str], document_format: str) -> bool:
    """Whether a document of this format can be had in one of a printer's `formats` by conversion."""
    known = {item.lower() for item in formats}
    if document_format.lower() not in CONVERTIBLE or document_format.lower() in known or PDF not in known:
        return False
    return print_settings.get(tx).is_document_conversion_enabled


def offer(tx: Transaction, job: Job) -> Job:
    """A queued job goes on, unless a test decides when (`upsim.services.pacing`)."""
    return job if job.pace is not None else go_on(tx, job)


def go_on(tx: Transaction, job: Job) -> Job:
    """Its payload is ready for a device, or is made ready first."""
    if job.document.converted_to or job.document.format.lower() not in CONVERTIBLE:
        return release.offer(tx, job)
    if not is_possible(tx, printers.get(tx, job.printer_id).document_formats, job.document.format):
        return release.offer(tx, job)
    seconds = tx.tenant.settings.document_conversion_seconds
    until = tx.now + timedelta(seconds=seconds)
    job = progress.move(tx, job, JobEvent.TRANSFORM, transforming_until=until)
    return finish(tx, job) if seconds <= 0 else job


def finish(tx: Transaction, job: Job) -> Job:
    """The document is converted: devices get it as PDF."""
    document = replace(job.document, converted_to=PDF)
    return release.offer(tx, job, document=document, transforming_until=None)
