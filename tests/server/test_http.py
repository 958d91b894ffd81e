"""What arrives on a socket and is no request that any API could answer, or breaks off inside one."""

import asyncio
import logging
import zlib
from collections.abc import AsyncIterator

import pytest

from upsim.app import serve
from upsim.config import Settings

TOKEN_REQUEST = b"POST /contoso.example/oauth2/v2.0/token HTTP/1.1\r\nHost: localhost\r\n"
IPP_REQUEST = b"POST /printers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\n"


@pytest.fixture
async def port(tmp_path: object) -> AsyncIterator[int]:
    settings = Settings(port=0, http_port="0", data=None)
    async with serve(settings) as running:
        assert running.http is not None
        yield int(running.http.rpartition(":")[2])


async def send(port: int, *pieces: bytes, leaves: bool = False) -> bytes:
    """Send pieces, and return all that comes back until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if leaves:
            return b""
        async with asyncio.timeout(10):
            return await reader.read()
    finally:
        writer.close()


def lines(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    """What the log says beside the line of each answered request."""
    return [each for each in caplog.records if each.name != "upsim.access" and each.levelno >= logging.INFO]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
        b"HELLO\r\n\r\n",
        b"GET / SMTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 40_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(400)) + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: abc\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ids=["tls", "no-http", "protocol", "no-colon", "long-header", "many-headers", "length", "smuggling"],
)
async def test_what_is_no_http_is_a_short_plain_400(
    port: int, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await send(port, sent)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 ")), answer[:200]
    assert b"content-type: text/plain" in head.lower()
    assert 0 < len(body) <= 501
    assert b"Traceback" not in body
    (line,) = lines(caplog)
    assert (line.name, line.levelname, line.exc_info) == ("upsim.http", "WARNING", None)
    assert "\n" not in line.getMessage()


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_is_not_what_its_content_encoding_says_is_refused_by_the_api(
    port: int, encoding: str, caplog: pytest.LogCaptureFixture
) -> None:
    head = b"Content-Encoding: %s\r\nContent-Length: 22\r\nConnection: close\r\n\r\n" % encoding.encode()
    answer = await send(port, TOKEN_REQUEST + head + b"grant_type=not-zipped!")
    status, _, body = answer.partition(b"\r\n")
    assert b" 400 " in status, answer
    assert b"AADSTS" in body
    assert f"Content-Encoding '{encoding}'".encode() in body
    assert [line.getMessage() for line in lines(caplog)] == []


async def test_a_body_in_its_content_encoding_is_read(port: int) -> None:
    packed = zlib.compress(b"grant_type=unheard-of")
    head = b"Content-Encoding: deflate\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % len(packed)
    answer = await send(port, TOKEN_REQUEST + head + packed)
    assert b"unheard-of" in answer


@pytest.mark.parametrize("request_head", [TOKEN_REQUEST, IPP_REQUEST], ids=["token", "ipp"])
async def test_a_client_that_leaves_inside_its_request_leaves_no_traceback(
    port: int, request_head: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    await send(port, request_head + b"Content-Length: 5000\r\n\r\n", b"grant_type=", leaves=True)
    assert b"HTTP/1.1 200" in await send(  # by then the server has seen the other one leave
        port, b"GET /_upsim/livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )
    assert [line for line in lines(caplog) if line.exc_info or line.levelno >= logging.WARNING] == []


async def test_a_chunked_body_that_is_broken_is_refused(port: int, caplog: pytest.LogCaptureFixture) -> None:
    answer = await send(port, TOKEN_REQUEST + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\nhello\r\n")
    assert b" 400 " in answer.partition(b"\r\n")[0]
    assert b"Traceback" not in answer
    assert [line for line in lines(caplog) if line.exc_info] == []


async def test_100_continue_is_sent_when_the_body_is_read_and_not_before(port: int) -> None:
    expecting = b"Expect: 100-continue\r\nContent-Length: 21\r\nConnection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(TOKEN_REQUEST + expecting)
    async with asyncio.timeout(10):
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"grant_type=unheard-of")
        assert b" 400 " in await reader.readline()
    writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(IPP_REQUEST + expecting)
    async with asyncio.timeout(10):
        refused = await reader.readline()
    assert refused.startswith(b"HTTP/1.1 401 "), "a caller without a token is not invited to send a document"
    writer.close()
