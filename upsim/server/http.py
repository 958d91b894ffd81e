"""HTTP/1.1 below the pipeline: aiohttp's low-level server, and what it refuses by itself.

A request that is no HTTP, or whose head is too large, never becomes a call. It is answered with a short plain text
and logged in one line; a client that leaves is not answered at all.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import ClientError, web

log = logging.getLogger("upsim.http")

_FAILED = "upsim failed outside of any API; its log says where."


class HttpProtocol(web.RequestHandler):
    """One connection."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what could not be parsed or what no step of the pipeline caught; the connection closes."""
        if isinstance(exc, ConnectionError):  # nobody is there to read an answer
            raise ConnectionResetError from exc
        if status >= 500:
            text = _FAILED
            log.error("%s", text, exc_info=exc)
        else:
            text = " ".join((message or "The request is not HTTP/1.1.").split())
            log.warning("%d for %s: %s", status, request.remote, text[:200])
        if request.writer.output_size > 0:  # another answer has begun
            raise ConnectionResetError from exc
        response = web.Response(status=status, text=text[:500] + "\n")
        response.force_close()
        return response

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Log what no other place has; a body that breaks off has been answered, or its client is gone."""
        if not isinstance(kw.get("exc_info"), web.RequestPayloadError | ClientError | ConnectionError):
            super().log_exception(*args, **kw)


class HttpServer(web.Server):
    """Makes an `HttpProtocol` of each connection. `options` are those of `web.RequestHandler`."""

    def __init__(
        self, handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], **options: Any
    ) -> None:
        super().__init__(handler)
        self._options = options

    def __call__(self) -> HttpProtocol:
        return HttpProtocol(self, loop=asyncio.get_running_loop(), **self._options)
