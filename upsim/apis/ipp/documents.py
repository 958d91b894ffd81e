"""Document data on the wire, in and out, never all of it in memory."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from aiohttp import web

from upsim.apis.ipp.conversion import as_pdf
from upsim.apis.ipp.errors import decorate
from upsim.apis.ipp.request import CONTENT_TYPE, IppRequest
from upsim.domain.document import Document
from upsim.server.streams import begun, closing
from upsim.services.submission import COMPRESSIONS

NONE, GZIP, DEFLATE = "none", "gzip", "deflate"
WINDOW = {GZIP: 31, DEFLATE: -15}
"""zlib's wbits: 31 wraps in gzip (RFC 1952), -15 wraps in nothing (RFC 1951), which IPP calls deflate."""
_CHUNK_BYTES = 256 << 10
_LEVEL = 1
"""Fast: what is printed is mostly compressed already."""


def choose_compression(accepted: Sequence[str]) -> str:
    """Return the first of the device's choices that upsim knows; none unless the device asks for another."""
    return next((each for each in accepted if each in COMPRESSIONS), NONE)


async def send(request: IppRequest, document: Document, message: bytes, compression: str) -> web.StreamResponse:
    """Return the response message, then the document's parts in their order, or what they are converted to."""
    if document.converted_to:
        return await _send_converted(request, document, message, compression)
    response = web.StreamResponse(headers={"Content-Type": CONTENT_TYPE})
    if compression == NONE:
        response.content_length = len(message) + document.size_bytes
    else:
        response.enable_chunked_encoding()
    decorate(request.call, response)
    paths = [request.call.site.blobs.path(part.key) for part in document.parts]
    connection = request.call.request.connection
    transport = connection.transport
    is_plain = transport is not None and not connection.is_encrypted and request.call.impairment is None
    if compression == NONE and is_plain and all(paths):
        await request.call.begin(response)
        await response.write(message)
        for path in paths:
            await _send_file(response, transport, path)  # type: ignore[arg-type]
    else:
        chunks = await begun(_octets(request, document, compression))
        async with closing(chunks):
            stream = await request.call.begin(response)
            await stream.write(message)
            async for chunk in chunks:
                await stream.write(chunk)
    await response.write_eof()
    return response


async def _send_converted(
    request: IppRequest, document: Document, message: bytes, compression: str
) -> web.StreamResponse:
    octets = await as_pdf(request.call.site, document)
    if compression != NONE:
        compressor = zlib.compressobj(_LEVEL, wbits=WINDOW[compression])
        octets = compressor.compress(octets) + compressor.flush()
    response = web.StreamResponse(headers={"Content-Type": CONTENT_TYPE})
    response.content_length = len(message) + len(octets)
    decorate(request.call, response)
    stream = await request.call.begin(response)
    await stream.write(message)
    await stream.write(octets)
    await stream.write_eof()
    return response


async def _send_file(response: web.StreamResponse, transport: asyncio.Transport, path: Path) -> None:
    """Send one part, by the kernel where the event loop can: the file goes out as it is."""
    with path.open("rb", buffering=0) as file:
        try:
            await asyncio.get_running_loop().sendfile(transport, file)
        except NotImplementedError:  # uvloop
            while chunk := file.read(_CHUNK_BYTES):
                await response.write(chunk)


async def _octets(request: IppRequest, document: Document, compression: str) -> AsyncIterator[bytes]:
    """The document in pieces, compressed as the device wants it."""
    compressor = zlib.compressobj(_LEVEL, wbits=WINDOW[compression]) if compression != NONE else None
    for part in document.parts:
        async with closing(request.call.site.blobs.read(part.key)) as chunks:
            async for chunk in chunks:
                if octets := chunk if compressor is None else compressor.compress(chunk):
                    yield octets
    if compressor is not None:
        yield compressor.flush()
