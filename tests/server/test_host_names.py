"""Under Microsoft's names upsim is as strict as their owners; under its own every API answers."""

import asyncio
import socket
import ssl
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from upsim.actors.wire import trusting
from upsim.app import Running
from upsim.domain import clouds

CONFIGURATION = "/contoso.example/v2.0/.well-known/openid-configuration"
IPP = {"Content-Type": "application/ipp"}


class Named:
    """Calls upsim by whatever name, as a client whose traffic is redirected."""

    def __init__(self, upsim: Running) -> None:
        self.port = int(upsim.https.rpartition(":")[2])
        self._resolver = _Loopback()
        connector = aiohttp.TCPConnector(ssl=trusting(Path(upsim.ca).read_text()), resolver=self._resolver)
        self.session = aiohttp.ClientSession(connector=connector)

    async def call(self, method: str, host: str, path: str, **options: Any) -> tuple[int, dict[str, str], Any]:
        async with self.session.request(method, f"https://{host}:{self.port}{path}", **options) as response:
            is_json = "json" in response.headers.get("Content-Type", "")
            body = await response.json(content_type=None) if is_json else await response.text()
            return response.status, dict(response.headers), body


class _Loopback(aiohttp.abc.AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[Any]:
        return [
            {"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET, "proto": 0, "flags": 0}
        ]

    async def close(self) -> None: ...


@pytest.fixture
async def named(upsim: Running) -> Any:
    client = Named(upsim)
    yield client
    await client.session.close()


@pytest.mark.parametrize(
    ("method", "host", "path", "status"),
    [
        ("GET", "login.microsoftonline.com", CONFIGURATION, 200),
        ("GET", "westus.login.microsoft.com", CONFIGURATION, 200),
        ("GET", "login.microsoftonline.us", CONFIGURATION, 200),
        ("GET", "graph.microsoft.com", "/v1.0/print/printers", 401),
        ("GET", "graph.microsoft.com", "/oidc/userinfo", 401),
        ("GET", "dod-graph.microsoft.us", "/v1.0/print/printers", 401),
        ("GET", "graph.print.microsoft.com", "/v1.0/print/printers", 401),
        ("POST", "register.print.microsoft.com", "/api/v1.0/register", 401),
        ("POST", "gcc-register.print.azure.us", "/api/v1.0/register", 401),
        ("POST", "print.print.microsoft.com", "/printers", 401),
        ("POST", "print.print-dod.azure.us", "/printers", 401),
        ("GET", "discovery.print.microsoft.com", "/api/mod1.0/devices", 401),
    ],
)
async def test_each_host_serves_what_its_owner_serves(
    named: Named, method: str, host: str, path: str, status: int
) -> None:
    assert (await named.call(method, host, path))[0] == status


def graph_error(body: Any) -> Any:
    return body["error"]["innerError"]["request-id"]


def entra_error(body: Any) -> Any:
    return body["error_codes"][0] and body["trace_id"]


def registration_error(body: Any) -> Any:
    return set(body["error"]) == {"code", "message"}


def text(body: Any) -> Any:
    return "does not serve this path" in body


@pytest.mark.parametrize(
    ("method", "host", "path", "dialect"),
    [
        ("GET", "graph.microsoft.com", CONFIGURATION, graph_error),
        ("GET", "graph.microsoft.com", "/_upsim/tenants", graph_error),
        ("GET", "graph.microsoft.com", "/", graph_error),
        ("POST", "graph.microsoft.com", "/printers", graph_error),
        ("GET", "login.microsoftonline.com", "/v1.0/print/printers", entra_error),
        ("GET", "login.microsoftonline.com", "/_upsim/operations", entra_error),
        ("GET", "register.print.azure.us", "/v1.0/print/printers", registration_error),
        ("GET", "print.print.microsoft.com", "/v1.0/print/printers", text),
        ("GET", "print.print.microsoft.com", "/api/mod1.0/devices", text),
        ("OPTIONS", "login.microsoftonline.com", "/v1.0/print/printers", entra_error),
    ],
)
async def test_what_another_host_serves_is_not_there(
    named: Named, method: str, host: str, path: str, dialect: Any
) -> None:
    status, _, body = await named.call(method, host, path)
    assert status == 404
    assert dialect(body)


async def test_on_localhost_every_api_answers(named: Named) -> None:
    assert (await named.call("GET", "localhost", CONFIGURATION))[0] == 200
    assert (await named.call("GET", "localhost", "/v1.0/print/printers"))[0] == 401
    assert (await named.call("POST", "localhost", "/printers"))[0] == 401
    assert (await named.call("GET", "127.0.0.1", "/_upsim/tenants"))[0] == 200


async def test_a_discovery_document_stays_in_the_cloud_that_was_asked(named: Named) -> None:
    for login, graph in [
        ("login.microsoftonline.com", "graph.microsoft.com"),
        ("login.microsoftonline.us", "graph.microsoft.us"),
    ]:
        _, _, document = await named.call("GET", login, CONFIGURATION)
        root = f"https://{login}:{named.port}/"
        for endpoint in ("issuer", "token_endpoint", "authorization_endpoint", "jwks_uri", "userinfo_endpoint"):
            assert document[endpoint].startswith(root), endpoint
        assert document["msgraph_host"] == f"{graph}:{named.port}"


async def test_a_challenge_names_the_sign_in_of_the_cloud(named: Named) -> None:
    _, headers, _ = await named.call("GET", "graph.microsoft.us", "/v1.0/print/printers")
    sign_in = f"https://login.microsoftonline.us:{named.port}/common/oauth2/authorize"
    assert f'authorization_uri="{sign_in}"' in headers["WWW-Authenticate"]


async def test_the_instance_document_knows_each_cloud_and_this_machine(named: Named) -> None:
    async def asked(about: str, on: str = "login.microsoftonline.com") -> tuple[int, Any]:
        query = {"api-version": "1.1", "authorization_endpoint": f"https://{about}/contoso.example"}
        status, _, body = await named.call("GET", on, "/common/discovery/instance", params=query)
        return status, body

    status, body = await asked("login.microsoftonline.us", "login.microsoftonline.us")
    assert (status, body["metadata"][0]["preferred_network"]) == (200, "login.microsoftonline.us")
    status, body = await asked("localhost")
    assert status == 200
    assert "localhost" in body["metadata"][-1]["aliases"]
    status, body = await asked("login.elsewhere.example")
    assert (status, body["error"]) == (400, "invalid_instance")


async def test_the_certificate_carries_every_name(upsim: Running) -> None:
    context = trusting(Path(upsim.ca).read_text())
    port = int(upsim.https.rpartition(":")[2])
    for name in clouds.host_names():
        host = name.replace("*", "westus")
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=host)
        writer.close()
        await writer.wait_closed()
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="management.azure.com")
