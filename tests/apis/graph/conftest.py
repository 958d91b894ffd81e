"""The Graph API alone, over HTTPS on loopback, with a clock and tokens that the tests decide."""

from __future__ import annotations

import base64
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.support.engines import open_store
from tests.support.graph.receiver import Receiver, receiving
from tests.support.graph.world import (
    ADA,
    BOB,
    NAMES_BY_ID,
    OTHER_TENANT,
    READERS,
    TENANT,
    Person,
    World,
    a_printer,
    a_share,
)
from upsim.apis.graph.table import API
from upsim.app import build_site, real_now
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.sign_in import SigningKey
from upsim.domain.tenant import Tenant
from upsim.domain.user import Group, User
from upsim.server.http import HttpServer
from upsim.server.keys import Keyring
from upsim.server.pipeline import Pipeline
from upsim.server.tls import TlsFiles
from upsim.services.ports import SYSTEM
from upsim.storage.documents.files import FileBlobs
from upsim.wire.jose import keys


@pytest.fixture(scope="session")
def signing() -> SigningKey:
    made = keys.new_key(real_now())
    return SigningKey(
        id=keys.thumbprint_sha1(made.certificate_der),
        private_key_pem=made.private_key_pem,
        certificate_der_base64=base64.b64encode(made.certificate_der).decode(),
        created_at=real_now(),
    )


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TlsFiles:
    files = TlsFiles(tmp_path_factory.mktemp("tls"))
    files.ensure(set(), real_now())
    return files


@pytest.fixture(scope="session")
def certificate_request() -> str:
    """A base64 PKCS#10, made once: its key takes time."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Lab 3")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return base64.b64encode(request.public_bytes(serialization.Encoding.DER)).decode()


@pytest.fixture
async def world(tmp_path: Path, signing: SigningKey, tls: TlsFiles) -> AsyncIterator[World]:
    clock: list[Callable[[], datetime]] = [real_now]

    def now() -> datetime:
        return clock[0]()

    store = await open_store(now)
    site = build_site(
        store=store,
        blobs=FileBlobs(tmp_path / "documents"),
        keyring=Keyring(store, now),
        now=now,
        list_operations=lambda: API.table,
    )
    await store.write(SYSTEM, lambda tx: tx.put(signing))
    for tenant_id, domain in ((TENANT, "contoso.example"), (OTHER_TENANT, "fabrikam.example")):
        tenant = Tenant(id=tenant_id, display_name="Contoso", domains=(domain,), seed=domain)
        await store.write(SYSTEM, lambda tx, tenant=tenant: tx.put(tenant))
    server = HttpServer(Pipeline(site, lambda: [API], first=API), access_log=None)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls.context()).start()
    port = runner.addresses[0][1]
    trust = ssl.create_default_context(cafile=str(tls.ca))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:
        _, private_key = await site.keyring.signing_key()
        world = World(f"https://localhost:{port}", site, session, tls.ca, signing.id, private_key)
        clock[0] = world.now
        for user_id, name in NAMES_BY_ID.items():
            upn = f"{name.lower()}@contoso.example"
            await world.put(User(id=user_id, user_principal_name=upn, display_name=name, password="x"))
        await world.put(Group(id=READERS, display_name="Readers", members=(BOB,)))
        yield world
    await runner.cleanup()
    await store.close()


@pytest.fixture
async def receiver(world: World) -> AsyncIterator[Receiver]:
    """A receiver of notifications, which the world's own calls are done with when it ends."""
    async with receiving() as made:
        yield made
    await world.site.courier.close()
    await world.site.webhooks.close()


@pytest.fixture
def admin(world: World) -> Person:
    return world.admin()


@pytest.fixture
def ada(world: World) -> Person:
    return world.user(ADA)


@pytest.fixture
def bob(world: World) -> Person:
    return world.user(BOB)


@pytest.fixture
def app(world: World) -> Person:
    return world.app()


@pytest.fixture
async def printer(world: World) -> Printer:
    made = a_printer()
    await world.put(made)
    return made


@pytest.fixture
async def share(world: World, printer: Printer) -> PrinterShare:
    made = a_share(printer)
    await world.put(made)
    return made
