"""A job as IPP shows it (RFC 8011 section 5.3, PWG 5100.18)."""

import uuid
from datetime import datetime

from upsim.apis.ipp import addresses
from upsim.apis.ipp.requested import Requested
from upsim.domain.job import Job
from upsim.server.ipp_attributes import represent_attributes
from upsim.services.targets import Target
from upsim.wire.ipp import build
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import Attribute, AttributeGroup

_OCTETS = 1024
_UUIDS = uuid.UUID("8b1b8a4a-6a3e-5f0b-9d52-0d6cf1b1a1f0")
"""Namespace of job-uuid: version 5 ids of job URIs."""


def represent_job(job: Job, target: Target, base_url: str, requested: Requested) -> AttributeGroup:
    """Return the job's group, with those of its attributes that were asked for."""
    described = _description(job, target, base_url)
    template = represent_attributes(job.template)
    told = {attribute.name for attribute in described}
    template = [attribute for attribute in template if attribute.name not in told]
    reported = [
        attribute
        for attribute in represent_attributes(job.reported)
        if attribute.name not in told and attribute.name not in job.template
    ]
    groups = dict.fromkeys((attribute.name for attribute in template), "job-template")
    wanted = requested.filter([*described, *template, *reported], groups, "job-description")
    return AttributeGroup(GroupTag.JOB, tuple(wanted))


def represent_standing(job: Job, target: Target, base_url: str) -> AttributeGroup:
    """Return the job attributes after operations that make or change a job (RFC 8011 section 4.2.1.2)."""
    return build.group(
        GroupTag.JOB,
        build.integer("job-id", job.number),
        build.uri("job-uri", addresses.job_uri(base_url, target.id, job.number)),
        build.enum("job-state", job.state),
        build.keyword("job-state-reasons", *_reasons(job)),
        build.text("job-state-message", job.state_message),
    )


def _description(job: Job, target: Target, base_url: str) -> list[Attribute]:
    owner = job.created_by
    uri = addresses.job_uri(base_url, target.id, job.number)
    attributes = [
        build.integer("job-id", job.number),
        build.uri("job-uri", uri),
        build.uri("job-uuid", uuid.uuid5(_UUIDS, f"{job.printer_id}/{job.id}").urn),
        build.uri("job-printer-uri", addresses.printer_uri(base_url, target.id)),
        build.name_("job-name", job.name or f"Job {job.id}"),
        build.name_("job-originating-user-name", owner.user_principal_name or owner.display_name),
        build.uri("job-originating-user-uri", f"mailto:{owner.user_principal_name}"),
        build.enum("job-state", job.state),
        build.keyword("job-state-reasons", *_reasons(job)),
        build.text("job-state-message", job.state_message),
        build.integer("number-of-documents", 1 if job.document.uploaded_at else 0),
        build.integer("job-k-octets", -(-job.document.size_bytes // _OCTETS)),
        build.integer("job-printer-up-time", target.seconds(target.now)),
        _seconds("time-at-creation", job.created_at, target),
        _seconds("time-at-processing", job.processing_at, target),
        _seconds("time-at-completed", job.ended_at, target),
        _date("date-time-at-creation", job.created_at),
        _date("date-time-at-processing", job.processing_at),
        _date("date-time-at-completed", job.ended_at),
    ]
    if job.document.name:
        attributes.append(build.name_("document-name-supplied", job.document.name))
    if job.document.format:
        attributes.append(build.mime("document-format-supplied", job.document.format))
    if job.acknowledged_by:
        attributes.append(build.uri("output-device-uuid-assigned", f"urn:uuid:{job.acknowledged_by}"))
        attributes.append(build.name_("output-device-assigned", target.printer.display_name))
    return attributes


def _reasons(job: Job) -> list[str]:
    """Return the reasons, `none` where there are none (RFC 8011 section 5.3.8)."""
    return sorted(job.progress.reasons) or ["none"]


def _seconds(name: str, moment: datetime | None, target: Target) -> Attribute:
    """time-at-*: no-value until it is reached (RFC 8011 section 5.3.14)."""
    return build.no_value(name) if moment is None else build.integer(name, target.seconds(moment))


def _date(name: str, moment: datetime | None) -> Attribute:
    """date-time-at-*: unknown until it is reached, as Microsoft's library reads it."""
    return build.unknown(name) if moment is None else build.date_time(name, moment)
