"""A job's document as IPP shows it (PWG 5100.5 section 6)."""

from upsim.apis.ipp import addresses
from upsim.apis.ipp.requested import Requested
from upsim.domain.document_formats import ANY
from upsim.domain.job import Job, JobState
from upsim.services.targets import Target
from upsim.wire.ipp import build
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import AttributeGroup

_OCTETS = 1024
_PENDING, _PROCESSING = 3, 5
_STATES = {JobState.PROCESSING: _PROCESSING, JobState.PROCESSING_STOPPED: _PROCESSING}


def represent_document(job: Job, target: Target, base_url: str, requested: Requested) -> AttributeGroup:
    """Return the document's group. Where its device said nothing of it, it stands as its job does."""
    document = job.document
    standing = int(job.state) if job.state.is_terminal else _STATES.get(job.state, _PENDING)
    attributes = [
        build.integer("document-number", 1),
        build.uri("document-job-uri", addresses.job_uri(base_url, target.id, job.number)),
        build.integer("document-job-id", job.number),
        build.uri("document-printer-uri", addresses.printer_uri(base_url, target.id)),
        build.uri("document-uuid", f"urn:uuid:{document.id}"),
        build.name_("document-name", document.name),
        build.mime("document-format", document.format or ANY),
        build.enum("document-state", document.device_state or standing),
        build.keyword("document-state-reasons", *(document.device_reasons or ("none",))),
        build.keyword("compression", "none"),
        build.integer("k-octets", -(-document.size_bytes // _OCTETS)),
        build.boolean("last-document", True),
        build.integer("printer-up-time", target.seconds(target.now)),
    ]
    wanted = [item for item in attributes if requested.admits(item.name, ("document-description",))]
    return AttributeGroup(GroupTag.DOCUMENT, tuple(wanted))
