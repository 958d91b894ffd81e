"""The Graph API alone, over HTTPS on loopback, with a clock and tokens that the tests decide."""

from __future__ import annotations

import base64
import io
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web

from tests.apis.graph.receiver import Receiver, receiving
from tests.engines import open_store
from upsim.apis.graph.table import API
from upsim.app import real_now
from upsim.domain.attributes import Attributes
from upsim.domain.entity import Entity
from upsim.domain.job import Job
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.domain.sign_in import SigningKey
from upsim.domain.tenant import Tenant, TenantSettings
from upsim.domain.user import Group, Role, User
from upsim.server.certificates import X509Certificates
from upsim.server.gateway import Gateway
from upsim.server.keys import Keyring
from upsim.server.site import Site
from upsim.server.tls import TlsFiles
from upsim.services.ports import SYSTEM, Transaction
from upsim.storage.documents.files import FileBlobs
from upsim.wire.jose import keys, tokens

TENANT = "5b0d7c1e-0000-4000-8000-000000000a01"
OTHER_TENANT = "5b0d7c1e-0000-4000-8000-000000000a02"
ADMIN = "5b0d7c1e-0000-4000-8000-000000000b00"
ADA = "5b0d7c1e-0000-4000-8000-000000000b01"
BOB = "5b0d7c1e-0000-4000-8000-000000000b02"
READERS = "5b0d7c1e-0000-4000-8000-000000000c01"
APP = "5b0d7c1e-0000-4000-8000-000000000901"
OTHER_APP = "5b0d7c1e-0000-4000-8000-000000000902"

USER_SCOPES = "User.Read PrinterShare.ReadBasic.All PrintJob.ReadWrite PrintJob.Create"
ADMIN_SCOPES = (
    "User.Read User.Read.All Group.Read.All Organization.Read.All Printer.Create Printer.FullControl.All "
    "PrinterShare.ReadWrite.All PrintJob.ReadWrite.All PrintConnector.ReadWrite.All PrintSettings.ReadWrite.All "
    "Reports.Read.All"
)
APP_ROLES = (
    "Printer.ReadWrite.All PrintJob.ReadWrite.All PrintJob.Manage.All PrintTaskDefinition.ReadWrite.All "
    "User.Read.All"
)
_numbers = count(1)


@dataclass
class World:
    """A running API and the means to look behind it."""

    url: str
    site: Site
    session: aiohttp.ClientSession
    ca: Path
    kid: str
    private_key: Any
    elapsed: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return real_now() + self.elapsed

    def token(self, **claims: Any) -> str:
        """A signed token; claims given as None are left out."""
        now = real_now()
        everything = {
            "iss": "https://upsim",
            "aud": "https://graph.microsoft.com",
            "tid": TENANT,
            "appid": APP,
            "nbf": int(now.timestamp()) - 10,
            "exp": int((now + timedelta(hours=1)).timestamp()),
            **claims,
        }
        given = {name: value for name, value in everything.items() if value is not None}
        return tokens.sign(given, self.private_key, self.kid)

    def user(self, user_id: str = ADA, scopes: str = USER_SCOPES, *roles: Role, **claims: Any) -> Person:
        name = _NAMES.get(user_id, "Somebody")
        upn = f"{name.lower()}@contoso.example"
        given = {"oid": user_id, "scp": scopes, "name": name, "upn": upn, "wids": list(roles), **claims}
        return Person(self, self.token(**given))

    def admin(self, scopes: str = ADMIN_SCOPES, **claims: Any) -> Person:
        return self.user(ADMIN, scopes, Role.PRINTER_ADMINISTRATOR, **claims)

    def app(self, roles: str = APP_ROLES, app_id: str = APP, **claims: Any) -> Person:
        return Person(self, self.token(oid=app_id, appid=app_id, roles=roles.split(), **claims))

    def nobody(self) -> Person:
        return Person(self, None)

    async def put(self, *entities: Entity) -> None:
        def unit(tx: Transaction) -> None:
            for entity in entities:
                tx.put(entity)

        await self.site.store.write(TENANT, unit)

    async def rows(self) -> list[Any]:
        """Everything that the tenant has, to show that nothing changed."""
        query = "SELECT place, kind, id, body FROM entity WHERE until IS NULL ORDER BY place, kind, id"

        def unit(tx: Any) -> list[Any]:
            return [tuple(row) for row in tx._session.execute(query, {})]

        return await self.site.store.read(TENANT, unit)

    def blobs(self) -> list[Path]:
        """Files in the blob store."""
        return [path for path in self.site.blobs._folder.rglob("*") if path.is_file()]  # type: ignore[attr-defined]

    async def job(self, job_id: str) -> Job:
        found = await self.site.store.read(TENANT, lambda tx: tx.get(Job, job_id))
        assert found is not None
        return found

    async def settings(self, **changes: Any) -> None:
        tenant = await self.site.store.read(SYSTEM, lambda tx: tx.get(Tenant, TENANT))
        changed = Tenant(
            id=TENANT,
            display_name=tenant.display_name,
            domains=tenant.domains,
            seed=tenant.seed,
            settings=TenantSettings(**changes),
        )
        await self.site.store.write(SYSTEM, lambda tx: tx.put(changed))


_NAMES = {ADMIN: "Admin", ADA: "Ada", BOB: "Bob"}


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["error"]["code"])

    @property
    def message(self) -> str:
        return str(self.json["error"]["message"])


@dataclass
class Person:
    """Somebody who calls Graph with a token of their own, or with none."""

    world: World
    token: str | None

    async def call(self, method: str, path: str, json: Any = None, **more: Any) -> Answer:
        headers = dict(more.pop("headers", {}))
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if json is not None:
            more["data"] = json if isinstance(json, bytes) else orjson.dumps(json)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(more.get("data"), bytes) and len(more["data"]) > 1 << 20:
            more["data"] = io.BytesIO(more["data"])  # aiohttp warns of large bytes
        url = path if path.startswith("https:") else f"{self.world.url}{path}"
        from yarl import URL

        more.setdefault("allow_redirects", False)
        async with self.world.session.request(method, URL(url, encoded=True), headers=headers, **more) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.call("GET", path, **more)

    async def post(self, path: str, json: Any = None, **more: Any) -> Answer:
        return await self.call("POST", path, json, **more)

    async def patch(self, path: str, json: Any = None, **more: Any) -> Answer:
        return await self.call("PATCH", path, json, **more)

    async def delete(self, path: str, **more: Any) -> Answer:
        return await self.call("DELETE", path, **more)

    async def put(self, path: str, data: bytes, content_range: str | None, **more: Any) -> Answer:
        headers = {} if content_range is None else {"Content-Range": content_range}
        return await self.call("PUT", path, data=data, headers=headers, **more)


def a_printer(display_name: str = "Lab 3", attributes: Attributes | None = None, **fields: Any) -> Printer:
    number = next(_numbers)
    return Printer(
        id=fields.pop("id", f"5b0d7c1e-0000-4000-8000-{number:012x}"),
        display_name=display_name,
        manufacturer="Acme",
        model="A100",
        registered_at=datetime(2026, 1, 5, 10, 0, tzinfo=UTC) + timedelta(seconds=number),
        attributes=attributes or {},
        **fields,
    )


def a_share(printer: Printer, display_name: str = "Third floor", **fields: Any) -> PrinterShare:
    number = next(_numbers)
    return PrinterShare(
        id=f"5b0d7c1e-0000-4000-8001-{number:012x}",
        display_name=display_name,
        printer_id=printer.id,
        created_at=datetime(2026, 1, 5, 11, 0, tzinfo=UTC) + timedelta(seconds=number),
        **{"allow_all_users": True, **fields},
    )


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
    site = Site(
        store=store,
        blobs=FileBlobs(tmp_path / "documents"),
        certificates=X509Certificates(),
        keyring=Keyring(store, now),
        now=now,
        list_operations=lambda: API.table,
    )
    await store.write(SYSTEM, lambda tx: tx.put(signing))
    for tenant_id, domain in ((TENANT, "contoso.example"), (OTHER_TENANT, "fabrikam.example")):
        tenant = Tenant(id=tenant_id, display_name="Contoso", domains=(domain,), seed=domain)
        await store.write(SYSTEM, lambda tx, tenant=tenant: tx.put(tenant))
    server = web.Server(Gateway(site, lambda: [API], first=API), access_log=None)
    runner = web.ServerRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls.context()).start()
    port = runner.addresses[0][1]
    trust = ssl.create_default_context(cafile=str(tls.ca))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as session:
        _, private_key = await site.keyring.signing_key()
        world = World(f"https://localhost:{port}", site, session, tls.ca, signing.id, private_key)
        clock[0] = world.now
        for user_id, name in _NAMES.items():
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
