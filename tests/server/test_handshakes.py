"""Clients that fail before they can ask are told why: in the answer where there is one, always in the log."""

import asyncio
import logging
import socket
import ssl
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from upsim.app import Running


def port_of(upsim: Running) -> int:
    return int(upsim.https.rpartition(":")[2])


class Log(logging.Handler):
    """Lines of the TLS log, as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: asyncio.Queue[str] = asyncio.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.put_nowait(record.getMessage())

    async def says(self, text: str) -> bool:
        async with asyncio.timeout(30):
            return text in await self.lines.get()


@pytest.fixture
async def log() -> AsyncIterator[Log]:
    handler = Log()
    logger = logging.getLogger("upsim.tls")
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


async def test_plain_http_on_the_https_port_is_answered(upsim: Running, log: Log) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(upsim))
    writer.write(b"GET /common/v2.0/.well-known/openid-configuration HTTP/1.1\r\nHost: localhost\r\n\r\n")
    async with asyncio.timeout(30):
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        body = (await reader.readexactly(length)).decode()
    writer.close()
    assert head.startswith(b"HTTP/1.1 400 ")
    assert "write https:// instead of http://" in body
    assert await log.says("A client spoke plain HTTP")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_without_the_ca_is_logged_with_the_command_that_helps(
    upsim: Running, log: Log, version: ssl.TLSVersion
) -> None:
    untrusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    untrusting.maximum_version = version

    def connect() -> None:  # as blocking clients do; asyncio's own hangs up without the alert
        with socket.create_connection(("127.0.0.1", port_of(upsim)), timeout=30) as raw:
            untrusting.wrap_socket(raw, server_hostname="localhost")

    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.to_thread(connect)
    assert await log.says("upsim env")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_tls_below_1_2_is_refused_and_explained(upsim: Running, log: Log, version: ssl.TLSVersion) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(upsim.ca)
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = version
    with pytest.raises((ssl.SSLError, ConnectionError)):
        await asyncio.open_connection("127.0.0.1", port_of(upsim), ssl=old, server_hostname="localhost")
    assert await log.says("no TLS 1.2 or newer")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_client_that_trusts_the_ca_gets_tls_1_2_or_newer(upsim: Running, version: ssl.TLSVersion) -> None:
    trusting = ssl.create_default_context(cadata=Path(upsim.ca).read_text())
    trusting.maximum_version = version
    _, writer = await asyncio.open_connection(
        "127.0.0.1", port_of(upsim), ssl=trusting, server_hostname="localhost"
    )
    assert writer.get_extra_info("ssl_object").version() == version.name.replace("_", ".")
    writer.close()
    await writer.wait_closed()
