"""Port 443, for clients that a hosts file redirects."""

import asyncio
import socket
import ssl

import pytest

from upsim.app import serve
from upsim.config import ConfigError, Settings


async def test_a_redirected_client_finds_the_host_that_it_means(address: str) -> None:
    async with serve(Settings(host=address, port=0, http_port="off", listen_443=True)) as running:
        context = ssl.create_default_context(cafile=running.ca)
        reader, writer = await asyncio.open_connection(
            address, 443, ssl=context, server_hostname="login.microsoftonline.com"
        )
        path = "/contoso.example/v2.0/.well-known/openid-configuration"
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: login.microsoftonline.com\r\nConnection: close\r\n\r\n".encode()
        )
        answer = await reader.read()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b'"https://login.microsoftonline.com/' in answer


async def test_a_port_443_that_is_taken_is_explained(address: str) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind((address, 443))
        other.listen()
        with pytest.raises(ConfigError, match=r"--listen-443.*upsim exec"):
            async with serve(Settings(host=address, port=0, http_port="off", listen_443=True)):
                pass
