"""printJob."""

from upsim.apis.graph.print_options import read_configuration
from upsim.apis.graph.resources.instants import instant
from upsim.apis.graph.resources.print_job_status import represent_job_status
from upsim.apis.graph.selection import NONE, Json, View
from upsim.domain.job import Job
from upsim.services.ports import Transaction
from upsim.wire.odata.query import QueryOptions


def represent_job(tx: Transaction, view: View, job: Job, options: QueryOptions = NONE) -> Json:  # noqa: ARG001
    """Return a job; its documents and tasks come only when expanded."""
    body: Json = {
        "id": job.id,
        "createdDateTime": instant(job.created_at),
        "acknowledgedDateTime": instant(job.acknowledged_at),
        "isFetchable": job.is_fetchable,
        "errorCode": None,
        "redirectedFrom": job_url(tx, view, job.redirected_from),
        "redirectedTo": job_url(tx, view, job.redirected_to),
        "createdBy": represent_originator(job),
        "status": represent_job_status(view, job),
        "configuration": read_configuration(job.template),
    }
    if view.is_beta:
        body["displayName"] = job.name
        body["completedDateTime"] = instant(job.ended_at)
    return body


def represent_originator(job: Job) -> Json:
    """UserIdentity of the user who printed."""
    return {
        "id": job.created_by.user_id,
        "displayName": job.created_by.display_name,
        "ipAddress": None,
        "userPrincipalName": job.created_by.user_principal_name,
    }


def job_url(tx: Transaction, view: View, job_id: str | None) -> str | None:
    """Return the address of a job on its printer."""
    job = tx.get(Job, job_id) if job_id else None
    return None if job is None else f"{view.root}/print/printers/{job.printer_id}/jobs/{job.id}"
