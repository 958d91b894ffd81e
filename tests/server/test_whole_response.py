"""Answers sent in one piece are, octet for octet, what aiohttp would have sent."""

import asyncio
from collections.abc import Callable

import pytest
from aiohttp import web

from upsim.server.whole_response import WholeResponse

DATE = "Thu, 26 Nov 2026 07:00:00 GMT"
JSON = {"Content-Type": "application/json", "Date": DATE}
LAST = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
REQUESTS = {
    "keep-alive": b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" + LAST,
    "close": LAST,
    "head": b"HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n" + LAST,
    "http-1.0": b"GET / HTTP/1.0\r\n\r\n",
    "http-1.0-keep-alive": b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + LAST,
}
Answer = Callable[[bytes, int, dict[str, str]], web.Response]


def _own(body: bytes, status: int, headers: dict[str, str]) -> web.Response:
    return WholeResponse(body, status, headers)


def _aiohttps(body: bytes, status: int, headers: dict[str, str]) -> web.Response:
    return web.Response(body=body, status=status, headers=headers)


async def _received(make: Callable[[], web.Response], request: bytes) -> bytes:
    async def handle(_: web.BaseRequest) -> web.StreamResponse:
        return make()

    server = web.Server(handle)
    runner = web.ServerRunner(server)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        reader, writer = await asyncio.open_connection("127.0.0.1", runner.addresses[0][1])
        writer.write(request)
        received = await reader.read()
        writer.close()
        return received
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("request_name", REQUESTS)
@pytest.mark.parametrize("status", [200, 204, 304, 404, 799])
async def test_every_kind_of_request_gets_the_same_octets(request_name: str, status: int) -> None:
    octets = REQUESTS[request_name]
    own, expected = [
        await _received(lambda make=make: make(b'{"a":1}', status, JSON), octets) for make in (_own, _aiohttps)
    ]
    assert own == expected
    assert own.startswith(b"HTTP/1.")


@pytest.mark.parametrize(
    "extra", [{}, {"Server": "Other"}, {"Content-Length": "3"}, {"Connection": "close"}, {"X-Name": "é"}]
)
@pytest.mark.parametrize("body", [b"", b"{}", bytes(100_000)])
async def test_headers_that_were_given_stay(extra: dict[str, str], body: bytes) -> None:
    headers = {**JSON, **extra}
    own, expected = [
        await _received(lambda make=make: make(body, 200, headers), REQUESTS["close"])
        for make in (_own, _aiohttps)
    ]
    assert own == expected


@pytest.mark.parametrize("make", [_own, _aiohttps])
async def test_closing_and_cookies_are_kept(make: Answer) -> None:
    def answer() -> web.Response:
        response = make(b"{}", 200, JSON)
        response.set_cookie("a", "b")
        response.force_close()
        return response

    received = await _received(answer, REQUESTS["keep-alive"])
    assert b"Set-Cookie: a=b; Path=/\r\n" in received
    assert b"Connection: close\r\n" in received


async def test_nobody_slips_a_header_in() -> None:
    """A line break in a header value is refused (RFC 9110 section 5.5), not sent."""
    received = await _received(
        lambda: _own(b"{}", 200, {**JSON, "X-Name": "a\r\nSet-Cookie: b"}), REQUESTS["close"]
    )
    assert b"Set-Cookie" not in received
