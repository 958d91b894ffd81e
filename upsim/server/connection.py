"""What can be done to a connection: cut it, break its TLS, let the answer run dry or drip."""

import asyncio
import logging
import os
import socket
import struct
from typing import Any

from aiohttp import web

STEPS_A_SECOND = 10
"""A slow body goes out in this many pieces a second."""
_ALERT = bytes((21, 3, 3, 0, 2, 2, 80))
"""A TLS record (RFC 8446 section 5.1) with the fatal alert internal_error. In clear after the handshake, so the
client fails inside TLS whatever it makes of the alert."""


class Cut(ConnectionResetError):
    """The connection was cut on purpose; the message says why."""


class TellsCuts(logging.Filter):
    """Lets aiohttp's complaint of a connection that was cut on purpose say so in a line, without a traceback."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, Cut):
            record.levelno, record.levelname = logging.INFO, "INFO"
            record.msg, record.args = "Connection cut: %s.", (error,)
            record.exc_info = record.exc_text = None
        return True


def reset(request: web.BaseRequest) -> None:
    """End the connection with a TCP reset (RFC 9293 section 3.5.2)."""
    transport = request.transport
    if transport is None:
        return
    if (sock := transport.get_extra_info("socket")) is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def abort_tls(request: web.BaseRequest) -> None:
    """End the connection with a fatal TLS alert; without TLS, with a reset."""
    transport = request.transport
    if transport is None or transport.get_extra_info("sslcontext") is None:
        reset(request)
        return
    os.write(transport.get_extra_info("socket").fileno(), _ALERT)
    transport.abort()


def hamper(
    request: web.BaseRequest, truncate_after_bytes: int | None, bytes_per_second: int | None, why: str
) -> None:
    """Let the body of the answer end early, or come slowly."""
    writer = _Hampered(request, truncate_after_bytes, bytes_per_second, why)
    request._payload_writer = writer  # type: ignore[assignment]  # noqa: SLF001 - aiohttp has no other way in


class _Hampered:
    """A stream writer of aiohttp with a body that ends early or comes slowly; all else is the writer's own."""

    def __init__(self, request: web.BaseRequest, left: int | None, bytes_per_second: int | None, why: str) -> None:
        self._request = request
        self._writer = request.writer
        self._left = left
        self._why = why
        self._rate = bytes_per_second

    def __getattr__(self, name: str) -> Any:
        return getattr(self._writer, name)

    @property
    def length(self) -> int | None:
        return self._writer.length

    @length.setter
    def length(self, value: int | None) -> None:
        self._writer.length = value

    async def write(self, chunk: Any, **named: Any) -> None:
        kept = bytes(chunk) if self._left is None else bytes(chunk)[: self._left]
        is_cut = len(kept) < len(chunk)
        if self._left is not None:
            self._left -= len(kept)
        await self._drip(kept, **named)
        if is_cut:
            self._end()

    async def write_eof(self, chunk: Any = b"") -> None:
        if chunk:
            await self.write(chunk)
        await self._writer.write_eof()

    async def _drip(self, octets: bytes, **named: Any) -> None:
        if self._rate is None:
            await self._writer.write(octets, **named)
            return
        size = max(1, self._rate // STEPS_A_SECOND)
        for start in range(0, len(octets), size):
            piece = octets[start : start + size]
            await asyncio.sleep(len(piece) / self._rate)  # noqa: TID251 - a slow connection takes real time
            await self._writer.write(piece)

    def _end(self) -> None:
        if self._request.transport is not None:
            self._request.transport.close()
        raise Cut(self._why)
