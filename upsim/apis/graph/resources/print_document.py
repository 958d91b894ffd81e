"""printDocument."""

from upsim.apis.graph.print_options import read_configuration
from upsim.apis.graph.resources.instants import instant
from upsim.apis.graph.selection import NONE, Json, View
from upsim.domain.job import Job
from upsim.services.ports import Transaction
from upsim.wire.odata.query import QueryOptions


def represent_document(tx: Transaction, view: View, job: Job, options: QueryOptions = NONE) -> Json:  # noqa: ARG001
    """Return the one document of a job. Name and type are empty until an upload session says them."""
    document = job.document
    body: Json = {
        "id": document.id,
        "displayName": document.name,
        "contentType": document.format,
        "size": document.size_bytes,
        "uploadedDateTime": instant(document.uploaded_at),
        "downloadedDateTime": instant(document.downloaded_at),
    }
    if view.is_beta:
        configuration = read_configuration(job.template)
        body["configuration"] = configuration | {"feedDirection": configuration["feedOrientation"]}
    return body
