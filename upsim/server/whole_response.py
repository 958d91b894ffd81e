"""An answer whose body is at hand, sent in one piece.

aiohttp prepares every answer for what it might be: compressed, chunked, with cookies, for HTTP/1.0, with a body
still to come. Most of upsim's answers are none of it, and for those the preparation costs more than the handler.
"""

from collections.abc import Mapping

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE, HttpVersion11, StreamWriter
from aiohttp.web_response import REASON_PHRASES
from multidict import CIMultiDict

_WITHOUT_BODY = frozenset({204, 304})


class WholeResponse(web.Response):
    """A `web.Response` of octets. Whatever is out of the ordinary goes aiohttp's own way."""

    def __init__(self, body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> None:
        # What `web.Response.__init__` comes to for octets; it looks for text, charset and payloads first.
        self._state = {}
        self._headers = CIMultiDict(headers or ())
        self._status, self._reason = status, REASON_PHRASES.get(status, "")
        self._body = body

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Send head and body at once where nothing needs more care than that."""
        writer, headers, body = request.writer, self._headers, self._body
        is_ordinary = (
            type(writer) is StreamWriter  # a test's fault may have put another in its place
            and self._payload_writer is None
            and self._keep_alive is None
            and self._cookies is None
            and not self._compression
            and self._status not in _WITHOUT_BODY
            and hdrs.CONTENT_LENGTH not in headers
            and request.method != "HEAD"
            and request.keep_alive
            and request.version == HttpVersion11
        )
        if not body or not isinstance(body, bytes) or not is_ordinary:
            return await super().prepare(request)
        headers[hdrs.CONTENT_LENGTH] = str(len(body))
        if hdrs.DATE not in headers:
            headers[hdrs.DATE] = rfc822_formatted_time()
        headers.setdefault(hdrs.SERVER, SERVER_SOFTWARE)
        self._keep_alive = self._eof_sent = True
        await writer.write_headers(f"HTTP/1.1 {self._status} {self._reason}", headers)
        await writer.write_eof(body)
        return None
