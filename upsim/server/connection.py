"""The connection that a request came by: who is at its other end, and what a test may do to it."""

import asyncio
import os
import socket
import struct
from typing import Any

from aiohttp import web
from msgspec import Struct

from upsim.server.loopback import is_loopback

STEPS_A_SECOND = 10
"""A slow body goes out in this many pieces a second."""
_ALERT = bytes((21, 3, 3, 0, 2, 2, 80))
"""A TLS record (RFC 8446 section 5.1) with the fatal alert internal_error. In clear after the handshake, so the
client fails inside TLS whatever it makes of the alert."""
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Cut(ConnectionResetError):
    """The connection was cut on purpose; the message says why."""


class Impairment(Struct, frozen=True):
    """How the body of an answer is impaired: it ends early, or it comes slowly."""

    truncate_after_bytes: int | None
    bytes_per_second: int | None
    why: str
    """The injection that asked for it, for the log."""


class Connection:
    """The client's connection. The requests inside a `$batch` share that of the batch."""

    __slots__ = ("_http",)

    def __init__(self, http: web.BaseRequest) -> None:
        self._http = http

    @property
    def transport(self) -> asyncio.Transport | None:
        """The transport; None once the connection is gone."""
        return self._http.transport

    @property
    def is_encrypted(self) -> bool:
        transport = self._http.transport
        return transport is not None and transport.get_extra_info("sslcontext") is not None

    @property
    def is_local(self) -> bool:
        """Whether the other end is on this machine."""
        transport = self._http.transport
        peer = (transport.get_extra_info("peername") if transport is not None else None) or ("",)
        return is_loopback(str(peer[0]))

    @property
    def remote(self) -> str:
        """The address of the other end; empty where it is not known."""
        return self._http.remote or ""

    def invite_body(self) -> None:
        """Answer `Expect: 100-continue` (RFC 9110 section 10.1.1).

        libcups sends it with every request, curl and .NET with large bodies.
        """
        if self._http.transport is not None:
            self._http.transport.write(_CONTINUE)

    async def send_head(self, response: web.StreamResponse) -> None:
        """Send status and headers of an answer."""
        await response.prepare(self._http)

    def reset(self) -> None:
        """End the connection with a TCP reset (RFC 9293 section 3.5.2)."""
        transport = self._http.transport
        if transport is None:
            return
        if (sock := transport.get_extra_info("socket")) is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    def abort_tls(self) -> None:
        """End the connection with a fatal TLS alert; without TLS, with a reset."""
        transport = self._http.transport
        if transport is None or not self.is_encrypted:
            self.reset()
            return
        os.write(transport.get_extra_info("socket").fileno(), _ALERT)
        transport.abort()


class ImpairedStream:
    """The body of an answer that ends early or comes slowly. It is written to like a `web.StreamResponse`."""

    def __init__(self, response: web.StreamResponse, connection: Connection, impairment: Impairment) -> None:
        self._response = response
        self._connection = connection
        self._left = impairment.truncate_after_bytes
        self._rate = impairment.bytes_per_second
        self._why = impairment.why

    async def write(self, octets: Any) -> None:
        """Send octets. Raises `Cut` behind the last one that is to be sent."""
        sent = bytes(octets) if self._left is None else bytes(octets)[: self._left]
        if self._left is not None:
            self._left -= len(sent)
        await self._drip(sent)
        if len(sent) < len(octets):
            if self._connection.transport is not None:
                self._connection.transport.close()
            raise Cut(self._why)

    async def write_eof(self) -> None:
        await self._response.write_eof()

    async def _drip(self, octets: bytes) -> None:
        if self._rate is None:
            await self._response.write(octets)
            return
        size = max(1, self._rate // STEPS_A_SECOND)
        for start in range(0, len(octets), size):
            piece = octets[start : start + size]
            await asyncio.sleep(len(piece) / self._rate)  # noqa: TID251 - a slow connection takes real time
            await self._response.write(piece)


async def send_impaired(
    response: web.Response, connection: Connection, impairment: Impairment
) -> web.StreamResponse:
    """Send an answer whose body is at hand through an impaired connection."""
    body = response.body if isinstance(response.body, bytes) else b""
    stream = web.StreamResponse(status=response.status, reason=response.reason, headers=response.headers)
    stream.content_length = len(body)
    await connection.send_head(stream)
    impaired = ImpairedStream(stream, connection, impairment)
    await impaired.write(body)
    await impaired.write_eof()
    return stream
