"""A running identity API over TLS on loopback, with one small tenant in it."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from aiohttp import web

from tests.support.engines import open_store
from tests.support.entra.server import (
    ALEX,
    DOMAIN,
    GRACE,
    PUBLIC_APP,
    SECRET,
    SECRET_APP,
    TENANT_ID,
    Server,
    an_application,
)
from upsim.apis.entra.table import API
from upsim.app import build_site, real_now
from upsim.domain.entity import Entity
from upsim.domain.tenant import Tenant, TenantSettings, TokenSettings
from upsim.server.http import HttpServer
from upsim.server.keys import Keyring
from upsim.server.pipeline import Pipeline
from upsim.server.request_ids import RequestIds
from upsim.server.site import Site
from upsim.services.ports import SYSTEM
from upsim.wire.x509 import authorities

SEED: tuple[Entity, ...] = (
    ALEX,
    GRACE,
    an_application(PUBLIC_APP),
    an_application(SECRET_APP, secret=SECRET, redirect_uris=("https://app.example/signed-in",)),
)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """CA, certificate and key of the listener, as PEM files."""
    folder = tmp_path_factory.mktemp("tls")
    ca = authorities.new_server_ca(real_now())
    leaf = authorities.new_server_certificate(ca, (), real_now())
    files = (folder / "ca.pem", folder / "leaf.pem", folder / "key.pem")
    for path, pem in zip(files, (ca.certificate_pem, *leaf), strict=True):
        path.write_text(pem)
    return files


@pytest.fixture(scope="session")
def listener(certificates: tuple[Path, Path, Path]) -> Iterator[Server]:
    """One server for the whole run, in a thread of its own because the clients block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    ca, leaf, key = certificates
    first_store = asyncio.run_coroutine_threadsafe(open_store(real_now), loop).result(
        60
    )  # each test brings its own
    site = build_site(
        store=first_store,
        blobs=None,  # type: ignore[arg-type]  # the identity API has no documents
        keyring=None,  # type: ignore[arg-type]
        now=real_now,
    )
    transports: set[asyncio.Transport] = set()
    runner = asyncio.run_coroutine_threadsafe(_serve(site, leaf, key, transports), loop).result(60)
    port = runner.addresses[0][1]
    yield Server(url=f"https://localhost:{port}", ca=str(ca), loop=loop, site=site)
    asyncio.run_coroutine_threadsafe(_stop(runner, transports), loop).result(60)
    asyncio.run_coroutine_threadsafe(first_store.close(), loop).result(60)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def server(listener: Server) -> Iterator[Server]:
    """The server with the sample tenant as it was at the beginning, and nothing else in it."""
    listener.session = requests.Session()
    listener.await_(_begin_anew(listener.site))
    tenant = Tenant(
        id=TENANT_ID,
        display_name="Contoso",
        domains=(DOMAIN, "other.example"),
        seed="test",
        settings=TenantSettings(tokens=TokenSettings(device_code_interval_seconds=1)),
    )
    listener.write(lambda tx: tx.put(tenant), SYSTEM)
    listener.put(*SEED)
    yield listener
    listener.session.close()
    listener.await_(listener.site.store.close())


_kept_keys: list[Entity] = []


async def _begin_anew(site: Site) -> None:
    """An empty store, but with the first test's signing key, because making one is slow."""
    from upsim.domain.query import Query
    from upsim.domain.sign_in import SigningKey

    site.store = await open_store(real_now)
    site.keyring = Keyring(site.store, real_now)
    site.request_ids = RequestIds(site.store.latest_change)
    if _kept_keys:
        await site.store.write(SYSTEM, lambda tx: tx.put(_kept_keys[0]))
    else:
        await site.keyring.signing_key()
        _kept_keys.extend(await site.store.read(SYSTEM, lambda tx: tx.find(Query(entity=SigningKey))))


async def _stop(runner: web.ServerRunner, transports: set[asyncio.Transport]) -> None:
    """Clients that keep their connections would make a polite end of TLS last half a minute."""
    for transport in transports:
        transport.abort()
    await runner.cleanup()


async def _serve(site: Site, leaf: Path, key: Path, transports: set[asyncio.Transport]) -> web.ServerRunner:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        transports.add(request.transport)
        return await Pipeline(site, lambda: [API], API)(request)  # each test has its own store

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(leaf, key)
    runner = web.ServerRunner(HttpServer(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    return runner
