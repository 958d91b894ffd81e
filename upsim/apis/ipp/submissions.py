"""Reading what a print request wants, and answering what became of it (RFC 8011 sections 4.2.1 and 4.3.1)."""

import zlib
from collections.abc import AsyncIterator, Sequence

from aiohttp import ClientError, web

from upsim.apis.ipp.documents import NONE, WINDOW
from upsim.apis.ipp.job_attributes import represent_standing
from upsim.apis.ipp.request import IppRequest
from upsim.apis.ipp.subscription_attributes import read_templates, represent_outcome
from upsim.domain.attributes import KEYWORD, Attributes, AttributeValue
from upsim.domain.document import Part
from upsim.domain.document_formats import SNIFFED_BYTES
from upsim.domain.event_subscription import EventSubscription
from upsim.domain.job import Job
from upsim.domain.job_template import NAMES, Judgement
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.ipp_attributes import read_attributes, represent_attribute
from upsim.services.ports import BlobWriter
from upsim.services.submission import Received, SubmissionRequest, Submitted
from upsim.wire.ipp import build
from upsim.wire.ipp.status import Status
from upsim.wire.ipp.tags import GroupTag
from upsim.wire.ipp.values import AttributeGroup

_NOT_TEMPLATE = {"job-name", "job-id", "document-name"}
_INFLATED_BYTES = 256 * 1024


def read_submission(request: IppRequest) -> SubmissionRequest:
    """Operation attributes and Job Template attributes of a print request.

    Some clients put Job Template attributes among the operation attributes; they are taken as meant.
    """
    operation, job = request.attributes, request.group(GroupTag.JOB)
    misplaced = [item for item in operation.attributes if item.name in NAMES and item.name not in job]
    return SubmissionRequest(
        job_name=operation.string("job-name") or job.string("job-name") or "",
        template=read_attributes(
            [*misplaced, *(item for item in job.attributes if item.name not in _NOT_TEMPLATE)]
        ),
        is_fidelity=operation.boolean("ipp-attribute-fidelity") or False,
        document_name=operation.string("document-name") or "",
        document_format=operation.string("document-format") or "",
        compression=operation.string("compression") or NONE,
        subscriptions=tuple(read_templates(request.message)),
    )


def answer_standing(request: IppRequest, job: Job) -> web.Response:
    """Return the job's standing."""
    return request.answer(represent_standing(job, request.printer, request.call.base_url))


def answer_submitted(request: IppRequest, made: Submitted) -> web.Response:
    """Return a new job's standing, with what of the request was ignored and what became of its subscriptions."""
    standing = represent_standing(made.job, request.printer, request.call.base_url)
    return answer_judged(request, made.judgement, standing, made.subscriptions)


def answer_judged(
    request: IppRequest,
    judgement: Judgement,
    standing: AttributeGroup | None,
    subscriptions: Sequence[EventSubscription | Refusal | None],
) -> web.Response:
    """Groups in the order of RFC 8011 section 4.2.1.2: what was ignored comes before the job, subscriptions last.

    Attributes that were ignored count for more in the status than subscriptions.
    """
    ignored = _represent_ignored(judgement)
    outcomes = [represent_outcome(item, request.printer.settings) for item in subscriptions]
    status = Status.SUCCESSFUL_OK
    if any(isinstance(item, Refusal) for item in subscriptions):
        status = Status.SUCCESSFUL_OK_IGNORED_SUBSCRIPTIONS
    if ignored:
        status = Status.SUCCESSFUL_OK_IGNORED_OR_SUBSTITUTED_ATTRIBUTES
    return request.answer(*ignored, *([standing] if standing else []), *outcomes, status=status)


def _represent_ignored(judgement: Judgement) -> list[AttributeGroup]:
    """Return the unsupported attributes group, where there is anything to put in it."""
    unsupported: Attributes = judgement.unsupported
    listed = [
        represent_attribute(name, values) if values else build.unsupported(name)
        for name, values in unsupported.items()
    ]
    return [AttributeGroup(GroupTag.UNSUPPORTED, tuple(listed))] if listed else []


async def receive(request: IppRequest, compression: str) -> Received | None:
    """Store the document data behind the message; None where there is none.

    A document that breaks off, is too large or cannot be decompressed leaves nothing behind.
    """
    writer = await request.call.site.blobs.create()
    try:
        size, head = await _write(request, writer, compression)
        if size:
            await writer.commit()
            return Received(part=Part(0, size, writer.key), head=head)
    except ClientError as error:
        await writer.discard()
        raise ConnectionResetError("the client went away inside its document") from error
    except BaseException:
        await writer.discard()
        raise
    await writer.discard()
    return None


async def forget(request: IppRequest, received: Received | None) -> None:
    """Drop a stored document that no job took."""
    if received is not None:
        await request.call.site.blobs.delete([received.part.key])


async def _write(request: IppRequest, writer: BlobWriter, compression: str) -> tuple[int, bytes]:
    limit = request.printer.settings.jobs.size_bytes_max
    size, head = 0, b""
    async for chunk in _plain(request.document(), compression):
        size += len(chunk)
        if size > limit:
            raise Refusal(RefusalKind.TOO_LARGE, f"A job may have {limit} bytes.", reason="job-too-large")
        if len(head) < SNIFFED_BYTES:
            head += chunk[:SNIFFED_BYTES]
        await writer.write(chunk)
    return size, head


async def _plain(chunks: AsyncIterator[bytes], compression: str) -> AsyncIterator[bytes]:
    """Yield the document without its compression, in bounded pieces however far a chunk expands."""
    if compression == NONE:
        async for chunk in chunks:
            yield chunk
        return
    inflater = zlib.decompressobj(wbits=WINDOW[compression])
    is_empty = True
    try:
        async for chunk in chunks:
            is_empty = False
            pending = chunk
            while pending:
                yield inflater.decompress(pending, _INFLATED_BYTES)
                pending = inflater.unconsumed_tail
    except zlib.error as error:
        raise _compression_error(compression) from error
    if not inflater.eof and not is_empty:
        raise _compression_error(compression)


def _compression_error(compression: str) -> Refusal:
    return Refusal(
        RefusalKind.INVALID,
        f"The document cannot be decompressed as {compression}.",
        reason="compression-error",
        attributes={"compression": (AttributeValue(KEYWORD, compression),)},
    )
