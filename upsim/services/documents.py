"""Documents: upload sessions that take ranges in any order, and links to download by.

The bytes themselves never pass here. An API streams a range into the blob store first and then records it, so
that what is recorded is always there in full.
"""

from datetime import timedelta

from msgspec.structs import replace

from upsim.domain.caller import Caller
from upsim.domain.document import DownloadLink, Part, UploadSession
from upsim.domain.job import JOB_HELD_FOR_TASK, JOB_INCOMING, Job
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.services import conversion, limits, printers
from upsim.services.jobs import lifecycle, owner, visibility
from upsim.services.ports import Transaction

PARTS_MAX = 10_000
"""Ranges that one document may arrive in."""


def create_session(
    tx: Transaction,
    caller: Caller,
    job_id: str,
    document_id: str,
    *,
    name: str,
    format: str,  # noqa: A002 - IPP's document-format
    size_bytes: int,
    printer_id: str = "",
    share_id: str = "",
) -> UploadSession:
    """Open an upload session. A job has one: an unfinished older one is closed."""
    job = visibility.get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    job = owner.with_document(job, document_id)
    if caller.kind == "application":
        visibility.check_task(tx, caller, job)
    else:
        _check_owner(caller, job)
        owner.check_upload_time(tx, job)
    _check_size(tx, size_bytes)
    _check_format(tx, job, format)
    _close_sessions(tx, job.id)
    session = UploadSession(
        id=tx.new_id(),
        job_id=job.id,
        document_id=job.document.id,
        user_id=job.created_by.user_id,
        document_name=name,
        document_format=format,
        size_bytes=size_bytes,
        secret=tx.new_secret(),
        created_at=tx.now,
        expires_at=tx.now + timedelta(seconds=tx.tenant.settings.uploads.session_seconds),
    )
    tx.put(session)
    if JOB_INCOMING in job.progress.reasons:
        document = replace(job.document, name=name, format=format)
        tx.put(replace(job, name=job.name or name, document=document))
    return session


def open_session(tx: Transaction, session_id: str, secret: str) -> UploadSession:
    """The session, for whoever knows its secret, until it expires."""
    session = tx.get(UploadSession, session_id)
    if session is None or session.secret != secret or session.expires_at <= tx.now:
        raise NotFound("upload session", session_id)
    return session


def check_range(tx: Transaction, session: UploadSession, start: int, end: int, total: int) -> None:
    """Refuse a half-open range that does not fit: before its bytes are read, and again before it is recorded."""
    if total != session.size_bytes:
        raise Refusal(
            RefusalKind.INVALID,
            f"Content-Range says {total} bytes in total, the session was created for {session.size_bytes}.",
            reason="fragment-length",
        )
    if end > session.size_bytes:
        raise Refusal(
            RefusalKind.PRECONDITION,
            f"The range ends at byte {end - 1}, the document has {session.size_bytes} bytes.",
            reason="range-exceeds",
        )
    if end - start >= tx.tenant.settings.uploads.request_bytes_max:
        raise Refusal(
            RefusalKind.TOO_LARGE,
            f"One request may carry less than {tx.tenant.settings.uploads.request_bytes_max} bytes.",
            reason="fragment-too-large",
        )
    if any(start < part.end and part.start < end for part in session.parts):
        raise Refusal(
            RefusalKind.PRECONDITION,
            "Bytes of this range were received already; GET the upload URL to see which are expected.",
            reason="range-overlap",
        )


def expect_range(tx: Transaction, session_id: str, secret: str, start: int, end: int, total: int) -> UploadSession:
    """The session, before a half-open range is read: refused unless the range fits.

    A session that is complete comes back as it is when the range is a repetition (`is_repetition`).
    """
    session = open_session(tx, session_id, secret)
    if not (total == session.size_bytes and is_repetition(tx, session, end)):
        check_range(tx, session, start, end, total)
        limits.check_bytes(tx, session.user_id, end - start)
    return session


def unfinished_session(tx: Transaction, session_id: str, secret: str) -> UploadSession:
    """The session while it still expects bytes; a completed one is gone (upload session: resuming)."""
    session = open_session(tx, session_id, secret)
    if session.completed_at is not None:
        raise NotFound("upload session", session_id)
    return session


def is_repetition(tx: Transaction, session: UploadSession, end: int) -> bool:
    """Whether a range of a finished session is a repetition that is to be answered as the first time.

    Microsoft's Python library sends the last range twice, and a session is finished in between.
    """
    accepts = tx.tenant.settings.uploads.repeated_range == "accept"
    return session.completed_at is not None and accepts and end <= session.size_bytes


def record_part(tx: Transaction, session_id: str, secret: str, part: Part) -> UploadSession:
    """Record a range whose bytes are stored. The one that leaves no gap completes the job's document."""
    session = open_session(tx, session_id, secret)
    check_range(tx, session, part.start, part.end, session.size_bytes)
    if len(session.parts) >= PARTS_MAX:
        raise Refusal(
            RefusalKind.TOO_LARGE, f"A document may arrive in {PARTS_MAX} ranges.", reason="too-many-ranges"
        )
    limits.spend_bytes(tx, session.user_id, part.size_bytes)
    parts = tuple(sorted([*session.parts, part], key=lambda item: item.start))
    session = replace(session, parts=parts)
    if sum(item.size_bytes for item in parts) == session.size_bytes:
        session = _complete(tx, session)
    tx.put(session)
    return session


def cancel_session(tx: Transaction, session_id: str, secret: str) -> None:
    """Close a session. What it received goes when no version is kept any more that names it (the sweep)."""
    tx.delete(unfinished_session(tx, session_id, secret))


def create_download_link(
    tx: Transaction, caller: Caller, job_id: str, document_id: str, *, printer_id: str = "", share_id: str = ""
) -> DownloadLink:
    """A link that opens the document without a token for a while."""
    job = visibility.get(tx, caller, job_id, printer_id=printer_id, share_id=share_id)
    job = owner.with_document(job, document_id)
    if job.document.uploaded_at is None:
        raise Refusal(RefusalKind.NOT_FOUND, "The job's document is not uploaded.", reason="upload-pending")
    tx.forget_expired(DownloadLink)
    expires_at = tx.now + timedelta(seconds=tx.tenant.settings.uploads.download_url_seconds)
    link = DownloadLink(id=tx.new_id(), job_id=job.id, secret=tx.new_secret(), expires_at=expires_at)
    tx.put(link)
    return link


def follow_download_link(tx: Transaction, link_id: str, secret: str) -> Job:
    """The job whose document a link opens."""
    link = tx.get(DownloadLink, link_id)
    job = tx.get(Job, link.job_id) if link and link.secret == secret and link.expires_at > tx.now else None
    if job is None:
        raise NotFound("download link", link_id)
    return job


def _complete(tx: Transaction, session: UploadSession) -> UploadSession:
    job = tx.get(Job, session.job_id)
    if job is None:
        raise NotFound("printJob", session.job_id)
    document = replace(
        job.document,
        name=session.document_name,
        format=session.document_format,
        size_bytes=session.size_bytes,
        parts=session.parts,
        uploaded_at=tx.now,
        is_counted=False,
        page_count=None,
    )
    if JOB_HELD_FOR_TASK in job.progress.reasons:  # the application that holds it puts another payload in
        tx.put(replace(job, document=document))
    else:
        lifecycle.receive(tx, job, document=document)
    grace = timedelta(seconds=tx.tenant.settings.uploads.completed_seconds)
    return replace(session, completed_at=tx.now, expires_at=tx.now + grace)


def _check_owner(caller: Caller, job: Job) -> None:
    """Only the user who created a job gives it its document, once, before it starts."""
    if job.created_by.user_id != caller.user_id:
        raise Refusal(
            RefusalKind.FORBIDDEN, "Only the user who created a job may upload its document.", reason="not-owner"
        )
    if JOB_INCOMING not in job.progress.reasons:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE,
            "The job was started or has ended; its document is fixed.",
            reason="job-started",
        )
    if job.document.uploaded_at is not None:
        raise Refusal(
            RefusalKind.NOT_POSSIBLE, "The job's document is uploaded already.", reason="document-uploaded"
        )


def _close_sessions(tx: Transaction, job_id: str) -> None:
    """Close the job's unfinished sessions and those of the tenant that have expired."""
    for session in tx.find(Query(entity=UploadSession, parent=job_id)):
        tx.delete(session)
    tx.forget_expired(UploadSession)


def _check_size(tx: Transaction, size_bytes: int) -> None:
    limit = tx.tenant.settings.jobs.size_bytes_max
    if size_bytes < 1:
        raise Refusal(RefusalKind.INVALID, "size must be 1 or more.", reason="size-invalid", target="size")
    if size_bytes > limit:
        raise Refusal(
            RefusalKind.TOO_LARGE, f"A job may have {limit} bytes.", reason="job-too-large", target="size"
        )


def _check_format(tx: Transaction, job: Job, document_format: str) -> None:
    """The printer must take the format; one that never described itself is not asked."""
    formats = printers.get(tx, job.printer_id).document_formats
    wanted = document_format.partition(";")[0].strip().lower()
    if "/" not in wanted:
        raise Refusal(
            RefusalKind.INVALID, "contentType must be a MIME type.", reason="format-invalid", target="contentType"
        )
    known = {item.lower() for item in formats}
    if conversion.is_possible(tx, formats, wanted):
        return
    if formats and wanted not in known:
        raise Refusal(
            RefusalKind.FORMAT_UNSUPPORTED,
            f"The printer does not print '{document_format}'; it prints {', '.join(formats)}.",
            reason="format-unsupported",
            target="contentType",
        )
