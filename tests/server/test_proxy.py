"""The proxy: Microsoft's names lead to upsim, all else of Microsoft's nowhere, the rest where it is allowed."""

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from upsim.app import Running, serve
from upsim.config import ConfigError, Settings
from upsim.domain import clouds
from upsim.server.proxy import Address, NotTunnelled, Routes

UPSIM = Address("127.0.0.1", 8443)


@pytest.mark.parametrize("name", [name.replace("*", "westus") for name in clouds.host_names()])
def test_every_name_that_upsim_plays_leads_to_it(name: str) -> None:
    assert Routes(UPSIM).lead(Address(name.upper(), 443)) == UPSIM


@pytest.mark.parametrize(
    "name",
    [
        "management.azure.com",
        "graph.windows.net",
        "login.live.com",
        "www.microsoft.com.",
        "login.chinacloudapi.cn",
    ],
)
@pytest.mark.parametrize("allowed", [(), ("*",), ("*.azure.com", "management.azure.com", "graph.windows.net")])
def test_no_other_host_of_microsofts_is_ever_called(name: str, allowed: tuple[str, ...]) -> None:
    with pytest.raises(NotTunnelled, match="does not play it; it is never called"):
        Routes(UPSIM, allowed).lead(Address(name, 443))


def test_a_name_of_microsofts_is_https_only() -> None:
    with pytest.raises(NotTunnelled, match="port 443"):
        Routes(UPSIM, ("*",)).lead(Address("graph.microsoft.com", 80))


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "printer.localhost"])
def test_this_machine_may_be_called_by_its_own_programs(name: str) -> None:
    assert Routes(UPSIM).lead(Address(name, 9)) == Address(name, 9)
    with pytest.raises(NotTunnelled, match="on the machine of the proxy"):
        Routes(UPSIM, ("*",)).lead(Address(name, 9), is_local_client=False)


@pytest.mark.parametrize("name", ["api.example.com", "127.0.0.1.example.com", "192.0.2.7"])
def test_others_are_refused_unless_allowed(name: str) -> None:
    with pytest.raises(NotTunnelled, match=f"--allow {name}"):
        Routes(UPSIM).lead(Address(name, 443))
    for allowed in (name, "*"):
        assert Routes(UPSIM, (allowed,)).lead(Address(name, 443)) == Address(name, 443)


def test_a_domain_may_be_allowed() -> None:
    routes = Routes(UPSIM, ("*.example.com",))
    assert routes.lead(Address("a.example.com", 443)).host == "a.example.com"
    with pytest.raises(NotTunnelled):
        routes.lead(Address("aexample.com", 443))


@pytest.fixture
async def proxied() -> object:
    async with serve(Settings(port=0, http_port=0, proxy_port=0)) as running:
        yield running


async def asked(upsim: Running, request: bytes) -> tuple[bytes, asyncio.StreamReader, asyncio.StreamWriter]:
    assert upsim.proxy is not None
    port = int(upsim.proxy.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(30):
        head = await reader.readuntil(b"\r\n\r\n")
    return head, reader, writer


async def test_a_tunnel_ends_at_upsim_with_a_certificate_for_the_name(proxied: Running) -> None:
    head, reader, writer = await asked(proxied, b"CONNECT graph.microsoft.com:443 HTTP/1.1\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    context = ssl.create_default_context(cadata=Path(proxied.ca).read_text())
    await writer.start_tls(context, server_hostname="graph.microsoft.com")
    writer.write(b"GET /v1.0/print/printers HTTP/1.1\r\nHost: graph.microsoft.com\r\n\r\n")
    async with asyncio.timeout(30):
        assert (await reader.readline()).startswith(b"HTTP/1.1 401 ")
    writer.close()


@pytest.mark.parametrize(
    ("request_head", "status", "said"),
    [
        (b"CONNECT management.azure.com:443 HTTP/1.1", 403, b"never called"),
        (b"CONNECT api.example.com:443 HTTP/1.1", 403, b"--allow api.example.com"),
        (b"GET http://graph.microsoft.com/v1.0 HTTP/1.1", 403, b"write https://graph.microsoft.com"),
        (b"GET http://www.microsoft.com/ HTTP/1.1", 403, b"never called"),
        (b"GET /v1.0/me HTTP/1.1", 400, b"upsim's proxy"),
        (b"CONNECT graph.microsoft.com HTTP/1.1", 400, b"host:port"),
        (b"CONNECT graph.microsoft.com:99999 HTTP/1.1", 400, b"host:port"),
        (b"GET http://[ HTTP/1.1", 400, b"upsim's proxy"),
        (b"nonsense", 400, b"upsim's proxy"),
    ],
)
async def test_a_refusal_says_why_in_the_status_line_and_the_body(
    proxied: Running, request_head: bytes, status: int, said: bytes
) -> None:
    head, reader, writer = await asked(proxied, request_head + b"\r\n\r\n")
    async with asyncio.timeout(30):
        body = await reader.read()
    writer.close()
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert said in head.split(b"\r\n")[0]
    assert said in body


async def test_plain_http_to_this_machine_is_forwarded(proxied: Running) -> None:
    assert proxied.http is not None
    request = (
        f"GET {proxied.http}/_upsim/livez?x=1 HTTP/1.1\r\nHost: localhost\r\nProxy-Connection: keep-alive\r\n\r\n"
    )
    head, _, writer = await asked(proxied, request.encode())
    writer.close()
    assert head.startswith(b"HTTP/1.1 200 ")


async def test_a_port_where_nobody_listens_is_a_bad_gateway(proxied: Running) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        head, _, writer = await asked(proxied, f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\n\r\n".encode())
        writer.close()
    assert head.startswith(b"HTTP/1.1 502 ")


async def test_a_proxy_port_that_is_taken_is_explained(proxied: Running) -> None:
    assert proxied.proxy is not None
    taken = int(proxied.proxy.rpartition(":")[2])
    with pytest.raises(ConfigError, match="--proxy-port 0"):
        async with serve(Settings(port=0, http_port="off", proxy_port=taken)):
            pass
