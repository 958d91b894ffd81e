"""What can be done to a connection: cut it, break its TLS, let the answer run dry or drip."""

import asyncio
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
    """The connection was cut on purpose."""


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


def hamper(request: web.BaseRequest, truncate_after_bytes: int | None, bytes_per_second: int | None) -> None:
    """Let the body of the answer end early, or come slowly."""
    writer = _Hampered(request, truncate_after_bytes, bytes_per_second)
    request._payload_writer = writer  # type: ignore[assignment]  # noqa: SLF001 - aiohttp has no other way in


class _Hampered:
    """A stream writer of aiohttp with a body that ends early or comes slowly; all else is the writer's own."""

    def __init__(self, request: web.BaseRequest, left: int | None, bytes_per_second: int | None) -> None:
        self._request = request
        self._writer = request.writer
        self._left = left
        self._piece = None if bytes_per_second is None else max(1, bytes_per_second // STEPS_A_SECOND)

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
        if self._piece is None:
            await self._writer.write(octets, **named)
            return
        for start in range(0, len(octets), self._piece):
            await self._writer.write(octets[start : start + self._piece])
            await asyncio.sleep(1 / STEPS_A_SECOND)  # noqa: TID251 - a slow connection takes real time

    def _end(self) -> None:
        if self._request.transport is not None:
            self._request.transport.close()
        raise Cut("the body was truncated on purpose")
