"""Upload and download URLs. They carry their own secret, so no access token is read.

A range goes to the blob store chunk by chunk under a key of its own and is recorded when it is complete. A
broken connection or a refused range leaves nothing behind.
"""

import re
from collections.abc import AsyncIterator, Iterable

from aiohttp import web

from upsim.apis.graph.errors import decorate
from upsim.apis.graph.resources.upload_session import represent_progress, represent_uploaded
from upsim.apis.graph.selection import reading_query
from upsim.domain.document import Document, Part
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call, json_response
from upsim.server.streams import begun, closing
from upsim.services import documents
from upsim.services.ports import Blobs, BlobWriter
from upsim.wire.odata.content_range import ContentRange, parse_content_range

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


async def enter_tenant_of_url(call: Call) -> None:
    """Resolve: the secret in the URL names the tenant."""
    tenant_id, _, secret = call.request.query.get("tempauthtoken", "").partition(".")
    if not tenant_id or not secret:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            "The URL carries no valid tempauthtoken; use it as given.",
            reason="upload-token",
        )
    await call.enter(tenant_id)


def _secret(call: Call) -> str:
    return call.request.query.get("tempauthtoken", "").partition(".")[2]


async def put_range(call: Call) -> web.Response:
    secret, session_id = _secret(call), call.parameters["session"]
    span = _read_span(call)
    session = await call.read(documents.expect_range, session_id, secret, span.start, span.stop, span.total)
    if session.completed_at is not None:
        await _discard_body(call)
        return json_response(represent_uploaded(session), 201)
    key = await _receive(call, span.length)
    try:
        part = Part(span.start, span.length, key)
        session = await call.write(documents.record_part, session_id, secret, part)
    except Refusal:
        await call.site.blobs.delete([key])
        raise
    if session.completed_at is not None:
        return json_response(represent_uploaded(session), 201)
    return json_response(represent_progress(session), 202)


async def get_status(call: Call) -> web.Response:
    secret = _secret(call)
    session = await call.read(documents.unfinished_session, call.parameters["session"], secret)
    return json_response(represent_progress(session))


async def cancel(call: Call) -> web.Response:
    secret = _secret(call)
    await call.write(documents.cancel_session, call.parameters["session"], secret)
    return web.Response(status=204)


async def download(call: Call) -> web.StreamResponse:
    secret = _secret(call)
    job = await call.read(documents.follow_download_link, call.parameters["link"], secret)
    document = job.document
    start, stop, status = _wanted(call.request.headers.get("Range"), document.size_bytes)
    response = web.StreamResponse(status=status, headers=_download_headers(document, start, stop, status))
    response.content_length = stop - start
    decorate(call, response)
    if "Origin" in call.request.headers:
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "*"
    is_wanted = call.request.method != "HEAD"
    chunks = await begun(_bytes_between(call.site.blobs, document.parts, start, stop)) if is_wanted else None
    stream = await call.begin(response)
    if chunks is not None:
        async with closing(chunks):
            async for chunk in chunks:
                await stream.write(chunk)
    await stream.write_eof()
    return response


def _read_span(call: Call) -> ContentRange:
    header = call.request.headers.get("Content-Range")
    if header is None:
        raise Refusal(
            RefusalKind.INVALID,
            "The Content-Range header is missing; write 'bytes start-end/total'.",
            reason="range-missing",
            target="Content-Range",
        )
    with reading_query():
        return parse_content_range(header)


async def _receive(call: Call, length: int) -> str:
    """Store exactly `length` bytes of the body; returns their key."""
    declared = call.request.content_length
    if declared is not None and declared != length:
        raise _wrong_length(length, declared)
    writer = await call.site.blobs.create()
    try:
        await _copy(call, writer, length)
        await writer.commit()
    except BaseException:
        await writer.discard()
        raise
    return writer.key


async def _copy(call: Call, writer: BlobWriter, length: int) -> None:
    received = 0
    async for chunk in call.request.body.chunks():
        received += len(chunk)
        if received > length:
            raise _wrong_length(length, received)
        await writer.write(chunk)
    if received != length:
        raise _wrong_length(length, received)


async def _discard_body(call: Call) -> None:
    """Take in a repeated range, as the client will not listen before it has sent it."""
    async for _ in call.request.body.chunks():
        pass


def _wrong_length(expected: int, received: int) -> Refusal:
    return Refusal(
        RefusalKind.INVALID,
        f"Content-Range announces {expected} bytes, the body has {received}.",
        reason="fragment-length",
        target="Content-Range",
    )


def _wanted(header: str | None, size: int) -> tuple[int, int, int]:
    """First byte, one past the last, and the status. Only a single range is understood (RFC 9110 section 14.2)."""
    match = _RANGE.fullmatch(header or "")
    if match is None or match[0] == "bytes=-":
        return 0, size, 200
    if match[1]:
        start = int(match[1])
        stop = min(size, int(match[2]) + 1) if match[2] else size
    else:
        start, stop = max(0, size - int(match[2])), size
    if start >= stop:
        raise Refusal(
            RefusalKind.PRECONDITION, f"The document has {size} bytes.", reason="range-exceeds", target="Range"
        )
    return start, stop, 206


def _download_headers(document: Document, start: int, stop: int, status: int) -> dict[str, str]:
    headers = {"Content-Type": document.format or "application/octet-stream", "Accept-Ranges": "bytes"}
    if status == 206:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{document.size_bytes}"
    return headers


async def _bytes_between(blobs: Blobs, parts: Iterable[Part], start: int, stop: int) -> AsyncIterator[bytes]:
    for part in parts:
        if part.end <= start or part.start >= stop:
            continue
        first, last = max(start, part.start) - part.start, min(stop, part.end) - part.start
        async with closing(blobs.read(part.key, first, last)) as chunks:
            async for chunk in chunks:
                yield chunk
