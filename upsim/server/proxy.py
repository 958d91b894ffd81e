"""A forward proxy (RFC 9110 section 9.3.6) that leads Microsoft's host names to upsim.

A client that honours HTTPS_PROXY reaches upsim by the very names that are compiled into it, without root and
without a changed machine. Every other host of Microsoft's is refused, whatever is allowed: a test never reaches
the real service. This machine may always be called; other hosts only where they are allowed.
"""

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from upsim.domain import clouds
from upsim.server.loopback import is_loopback

log = logging.getLogger("upsim.proxy")

HEAD_BYTES_MAX = 32 * 1024
HEAD_SECONDS = 60
CHUNK_BYTES = 64 * 1024
ANYWHERE = "*"


class Address(NamedTuple):
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class NotTunnelled(Exception):
    """Why a request is refused, in one line: most clients show nothing but the status line."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Routes:
    """Where a name leads. `allowed`: names, `*.` and a domain, or `*` for all that is not Microsoft's."""

    def __init__(self, upsim: Address, allowed: Iterable[str] = ()) -> None:
        self._upsim = upsim
        self._allowed = frozenset(clouds.plain(name) for name in allowed)

    def lead(self, asked: Address, *, is_local_client: bool = True) -> Address:
        """The address to connect to. Raises `NotTunnelled`."""
        name = clouds.plain(asked.host) if ":" not in asked.host else asked.host.lower()
        if clouds.locate(name) is not None:
            if asked.port != 443:
                raise NotTunnelled(403, f"upsim plays {name} on port 443 (https) only, not on {asked.port}")
            return self._upsim
        if clouds.is_microsoft(name):
            raise NotTunnelled(403, f"{name} is Microsoft's and upsim does not play it; it is never called")
        if is_loopback(name):
            if not is_local_client:
                raise NotTunnelled(403, f"{name} is called only for programs on the machine of the proxy")
            return asked
        if not self._allows(name):
            raise NotTunnelled(
                403, f"{name} is not allowed; allow it with --allow {name} (upsim serve: --proxy-allow)"
            )
        return asked

    def _allows(self, name: str) -> bool:
        return (
            ANYWHERE in self._allowed
            or name in self._allowed
            or any(name.endswith(pattern[1:]) for pattern in self._allowed if pattern.startswith("*."))
        )


class Proxy:
    """The listener. Use it as an asynchronous context manager; `port` is known once it is open."""

    def __init__(
        self, routes: Routes, host: str = "127.0.0.1", port: int = 0, *, reuse_port: bool = False
    ) -> None:
        self.port = port
        self._reuse_port = reuse_port
        self._host = host
        self._routes = routes
        self._server: asyncio.Server | None = None
        self._tunnels: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._accept, self._host, self.port, limit=HEAD_BYTES_MAX, reuse_port=self._reuse_port or None
        )
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(self, *exception: object) -> None:
        if self._server is not None:
            self._server.close()
        for tunnel in self._tunnels:
            tunnel.cancel()
        await asyncio.gather(*self._tunnels, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tunnel = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._tunnels.add(tunnel)
        tunnel.add_done_callback(self._tunnels.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
                await self._answer(reader, writer)
        except NotTunnelled as refusal:
            log.warning("refused: %s", refusal)
            writer.write(_refusal(refusal))
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_SECONDS):
            head = await reader.readuntil(b"\r\n\r\n")
        method, target = _request_line(head)
        peer = str((writer.get_extra_info("peername") or ("",))[0])
        if method == "CONNECT":
            address, opening = _authority(target), b""
        else:
            address, opening = _plain_request(method, target, head)
        upstream = await _connect(self._routes.lead(address, is_local_client=is_loopback(peer)))
        if opening:
            upstream[1].write(opening)
        else:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _splice((reader, writer), upstream)


def _request_line(head: bytes) -> tuple[str, str]:
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise NotTunnelled(400, "this is upsim's proxy; it takes CONNECT host:port and http:// addresses")
    return words[0].upper(), words[1]


def _authority(target: str) -> Address:
    """`host:port` or `[address]:port` (RFC 9112 section 3.2.3)."""
    host, _, port = target.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise NotTunnelled(400, "CONNECT needs host:port")
    return Address(host.strip("[]"), int(port))


def _plain_request(method: str, target: str, head: bytes) -> tuple[Address, bytes]:
    """A request for an `http:` address, and its head as the origin wants it (RFC 9112 section 3.2.1)."""
    try:
        url = urlsplit(target)
        address = Address(url.hostname or "", url.port or 80)
    except ValueError:
        address, url = Address("", 0), urlsplit("")
    if url.scheme != "http" or not address.host:
        raise NotTunnelled(400, "this is upsim's proxy; it takes CONNECT host:port and http:// addresses")
    if clouds.locate(address.host) is not None:
        raise NotTunnelled(403, f"{address.host} is served over https only; write https://{address.host}")
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    fields = [line for line in head.split(b"\r\n")[1:] if line and not line.lower().startswith(_HOP_BY_HOP)]
    first = f"{method} {path} HTTP/1.1".encode("latin-1")
    return address, b"\r\n".join([first, *fields, b"Connection: close", b"", b""])


_HOP_BY_HOP = (b"connection:", b"proxy-connection:", b"proxy-authorization:", b"keep-alive:")


async def _connect(address: Address) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await asyncio.open_connection(*address)
    except OSError as error:
        raise NotTunnelled(502, f"{address} does not answer: {error.strerror or error}") from error


async def _splice(
    client: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    upstream: tuple[asyncio.StreamReader, asyncio.StreamWriter],
) -> None:
    """Pass bytes both ways until both sides have ended."""
    try:
        async with asyncio.TaskGroup() as both:
            both.create_task(_pass(client[0], upstream[1]))
            both.create_task(_pass(upstream[0], client[1]))
    except* OSError:
        log.debug("a tunnel broke off")
    finally:
        upstream[1].close()


async def _pass(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    while chunk := await source.read(CHUNK_BYTES):
        sink.write(chunk)
        await sink.drain()
    if sink.can_write_eof():
        sink.write_eof()


def _refusal(refusal: NotTunnelled) -> bytes:
    body = f"upsim: {refusal}\n".encode()
    return (
        f"HTTP/1.1 {refusal.status} upsim: {refusal}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode("latin-1", "replace") + body
