"""Printing by IPP: validate, create, send the document, close (RFC 8011 sections 4.2.1 to 4.3.2).

A document's octets are in the blob store before anything here is called, so a job never waits for half of one.
"""

from msgspec import Struct, field
from msgspec.structs import replace

from upsim.domain.attributes import Attributes
from upsim.domain.caller import Caller
from upsim.domain.document import Part
from upsim.domain.document_formats import ANY, OXPS, XPS, contradicts, sniff
from upsim.domain.event_subscription import EventSubscription
from upsim.domain.job import JOB_INCOMING, Job
from upsim.domain.job_template import Judgement, judge
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services import conversion, event_subscriptions, limits, notifications, printers
from upsim.services.event_subscriptions import SubscriptionTemplate
from upsim.services.jobs import lifecycle, owner, queue
from upsim.services.ports import Transaction
from upsim.services.targets import Target

COMPRESSIONS = ("none", "gzip", "deflate")
"""compression-supported; RFC 8011 section 5.4.32."""


class SubmissionRequest(Struct, frozen=True, kw_only=True):
    """What a request says of a job and its document."""

    job_name: str = ""
    template: Attributes = field(default_factory=dict)
    is_fidelity: bool = False
    """ipp-attribute-fidelity: all as asked, or not at all."""
    document_name: str = ""
    document_format: str = ""
    compression: str = "none"
    subscriptions: tuple[SubscriptionTemplate, ...] = ()
    """What the client wants to be told of the new job (RFC 3995 section 11.1.3)."""


class Submitted(Struct, frozen=True, kw_only=True):
    """A new job, what of its templates was ignored, and its subscriptions or why there is none."""

    job: Job
    judgement: Judgement
    subscriptions: tuple[EventSubscription | Refusal, ...] = ()


class Received(Struct, frozen=True, kw_only=True):
    """A document whose octets are stored; `head` are the first of them."""

    part: Part
    head: bytes


def validate(tx: Transaction, caller: Caller, target: Target, asked: SubmissionRequest) -> Judgement:
    """Judge a submission; refused where the printer would refuse the job."""
    owner.check_may_print(caller, printers.get(tx, target.printer.id))
    check_compression(asked.compression)
    check_format(tx, target, asked.document_format)
    judgement = judge(target.printer.attributes, asked.template)
    if asked.is_fidelity and judgement.unsupported:
        names = ", ".join(judgement.unsupported)
        raise Refusal(
            RefusalKind.ATTRIBUTES_UNSUPPORTED,
            f"The printer does not support what was asked for in {names}, and ipp-attribute-fidelity is true.",
            reason="template-unsupported",
            attributes=offending(judgement.unsupported),
        )
    return judgement


def create(tx: Transaction, caller: Caller, target: Target, asked: SubmissionRequest) -> Submitted:
    """A new job that waits for its document."""
    judgement = validate(tx, caller, target, asked)
    template, name = judgement.accepted, asked.job_name
    if target.share is not None:
        job = owner.create_on_share(tx, caller, target.share.id, template, name=name, is_ipp=True)
    else:
        job = owner.create_on_printer(tx, caller, target.printer.id, template, name=name, is_ipp=True)
    made = tuple(_subscribe(tx, caller, target, each, job) for each in asked.subscriptions)
    return Submitted(job=job, judgement=judgement, subscriptions=made)


def _subscribe(
    tx: Transaction, caller: Caller, target: Target, asked: SubscriptionTemplate, job: Job
) -> EventSubscription | Refusal:
    made = event_subscriptions.create(tx, caller, target, asked, job.number)
    if isinstance(made, EventSubscription):
        notifications.made_with_job(tx, made, job)
    return made


def print_job(
    tx: Transaction, caller: Caller, target: Target, asked: SubmissionRequest, received: Received
) -> Submitted:
    """A new job with its document, queued at once."""
    made = create(tx, caller, target, asked)
    return replace(made, job=receive(tx, caller, target, made.job.number, asked, received, is_last=True))


def expect(tx: Transaction, caller: Caller, target: Target, job_id: int, asked: SubmissionRequest) -> None:
    """Refuse a document before its octets are read, where it would be refused afterwards."""
    check_compression(asked.compression)
    check_format(tx, target, asked.document_format)
    _open(tx, caller, target, job_id)


def receive(
    tx: Transaction,
    caller: Caller,
    target: Target,
    job_id: int,
    asked: SubmissionRequest,
    received: Received | None,
    *,
    is_last: bool,
) -> Job:
    """Give the job its document; nothing received and `is_last` closes the job. Universal Print takes one."""
    job = _open(tx, caller, target, job_id)
    if received is not None:
        if job.document.uploaded_at is not None:
            raise Refusal(
                RefusalKind.NOT_POSSIBLE, "The job has its document; a job has one.", reason="second-document"
            )
        limits.spend_bytes(tx, job.created_by.user_id, received.part.size_bytes)
        document = replace(
            job.document,
            name=asked.document_name,
            format=_decide_format(tx, target, asked.document_format, received.head),
            size_bytes=received.part.size_bytes,
            parts=(received.part,),
            uploaded_at=tx.now,
        )
        job = lifecycle.receive(tx, job, document=document, name=job.name or asked.document_name)
    return owner.start(tx, caller, job.id) if is_last else job


def close(tx: Transaction, caller: Caller, target: Target, job_id: int) -> Job:
    """No more documents will come (PWG 5100.7 Close-Job): the job is queued. A second time changes nothing."""
    job = queue.own_job(tx, caller, target, job_id)
    if JOB_INCOMING not in job.progress.reasons and not job.state.is_terminal:
        return job
    return owner.start(tx, caller, job.id)


def check_compression(compression: str) -> None:
    """Refuse a compression that upsim cannot undo."""
    if compression not in COMPRESSIONS:
        raise Refusal(
            RefusalKind.ATTRIBUTES_UNSUPPORTED,
            f"The compression '{compression}' is not supported; use one of {', '.join(COMPRESSIONS)}.",
            reason="compression-unsupported",
            attributes={"compression": compression},
        )


def offending(unsupported: Attributes) -> dict[str, object]:
    """Unsupported attributes as a refusal carries them; None: the attribute as such."""
    return {name: values or None for name, values in unsupported.items()}


def _open(tx: Transaction, caller: Caller, target: Target, job_id: int) -> Job:
    """The caller's own job, while it waits for its document."""
    job = queue.own_job(tx, caller, target, job_id)
    if JOB_INCOMING not in job.progress.reasons:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            "The job was closed or has ended; its document is fixed.",
            reason="job-started",
        )
    owner.check_upload_time(tx, job)
    return job


def check_format(tx: Transaction, target: Target, declared: str) -> None:
    """Refuse a format that the printer neither takes nor can have documents converted from."""
    formats = [item.lower() for item in target.printer.document_formats]
    if not declared or declared.lower() == ANY or not formats or declared.lower() in formats:
        return
    if not conversion.is_possible(tx, formats, declared):
        raise _unsupported_format(target, declared)


def _decide_format(tx: Transaction, target: Target, declared: str, head: bytes) -> str:
    """The document's format: as declared where its beginning does not contradict, else as it begins."""
    found = sniff(head)
    formats = [item.lower() for item in target.printer.document_formats]
    if declared and declared.lower() != ANY:
        if contradicts(declared, found):
            raise Refusal(
                RefusalKind.INVALID,
                f"The document is declared as '{declared}' and begins like '{found}'.",
                reason="document-format-error",
            )
        return declared
    if found in {XPS, OXPS}:
        found = next((name for name in (XPS, OXPS) if name.lower() in formats), found)
    if found and (not formats or found.lower() in formats or conversion.is_possible(tx, formats, found)):
        return found
    if formats and ANY not in formats:
        raise _unsupported_format(target, found or ANY)
    return ANY


def _unsupported_format(target: Target, document_format: str) -> Refusal:
    return Refusal(
        RefusalKind.FORMAT_UNSUPPORTED,
        f"The printer does not print '{document_format}'; it prints {', '.join(target.printer.document_formats)}.",
        reason="format-unsupported",
        attributes={"document-format": document_format},
    )
