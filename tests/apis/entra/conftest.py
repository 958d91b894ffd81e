"""A running identity API over TLS on loopback, with one small tenant in it."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests
from aiohttp import web
from msgspec.structs import replace

from tests.engines import open_store
from upsim.apis.entra.table import API
from upsim.app import real_now
from upsim.domain.application import Application, Consent
from upsim.domain.entity import Entity
from upsim.domain.tenant import Tenant, TenantSettings
from upsim.domain.user import Role, User
from upsim.server.certificates import X509Certificates
from upsim.server.gateway import Gateway
from upsim.server.keys import Keyring
from upsim.server.site import Site
from upsim.services.ports import SYSTEM, Unit
from upsim.wire.x509 import authorities

T = TypeVar("T")

TENANT_ID = "11111111-1111-4111-8111-111111111111"
DOMAIN = "contoso.example"
PUBLIC_APP = "22222222-2222-4222-8222-222222222222"
SECRET_APP = "33333333-3333-4333-8333-333333333333"
CERTIFICATE_APP = "44444444-4444-4444-8444-444444444444"
SECRET = "a+secret&with=odd%characters"
ALEX = User(
    id="aaaaaaaa-0000-4000-8000-000000000001",
    user_principal_name=f"alex@{DOMAIN}",
    display_name="Alex",
    password="Passw0rd!",
    roles=(Role.PRINTER_ADMINISTRATOR,),
)
GRACE = User(
    id="aaaaaaaa-0000-4000-8000-000000000002",
    user_principal_name=f"grace@{DOMAIN}",
    display_name="Grace",
    password="Passw0rd!",
    roles=(Role.GLOBAL_ADMINISTRATOR,),
)
GRAPH = "https://graph.microsoft.com"
PRINT = "https://print.print.microsoft.com"
CONSENT = Consent(
    delegated=("User.Read", "PrintJob.Create", "Printer.Read.All"), application=("Printer.Read.All",)
)
PRINT_CONSENT = Consent(delegated=("Printers.Create",), application=("Printers.Read", "PrintJob.Read"))


def an_application(identifier: str, **changes: Any) -> Application:
    settings = {
        "graph": CONSENT,
        "universal_print": PRINT_CONSENT,
        "redirect_uris": ("http://localhost", "http://localhost/back"),
    }
    return Application(
        id=identifier,
        display_name="Sample",
        service_principal_id="5" + identifier[1:],
        **(settings | changes),
    )


SEED: tuple[Entity, ...] = (
    ALEX,
    GRACE,
    an_application(PUBLIC_APP),
    an_application(SECRET_APP, secret=SECRET, redirect_uris=("https://app.example/signed-in",)),
)


@dataclass
class Server:
    """The API under test, and its state at hand."""

    url: str
    ca: str
    loop: asyncio.AbstractEventLoop
    site: Site
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def authority(self) -> str:
        return f"{self.url}/{TENANT_ID}"

    def await_(self, awaitable: Any) -> Any:
        async def waiting() -> Any:
            return await awaitable

        return asyncio.run_coroutine_threadsafe(waiting(), self.loop).result(60)

    def write(self, unit: Unit[T], tenant_id: str = TENANT_ID) -> T:
        return self.await_(self.site.store.write(tenant_id, unit))

    def put(self, *entities: Entity) -> None:
        self.write(lambda tx: [tx.put(entity) for entity in entities])

    def change_tenant(self, change: Callable[[Tenant], Tenant]) -> None:
        self.write(lambda tx: tx.put(change(tx.get(Tenant, TENANT_ID))), SYSTEM)

    def advance(self, seconds: float) -> None:
        self.change_tenant(lambda tenant: replace(tenant, clock=tenant.clock.advanced(seconds)))

    def settings(self, **changes: Any) -> None:
        self.change_tenant(lambda tenant: replace(tenant, settings=replace(tenant.settings, **changes)))

    def get(self, path: str, **named: Any) -> requests.Response:
        return self.session.get(self.url + path, verify=self.ca, allow_redirects=False, timeout=60, **named)

    def post(self, path: str, form: Any = None, **named: Any) -> requests.Response:
        return self.session.post(
            self.url + path, data=form, verify=self.ca, allow_redirects=False, timeout=60, **named
        )

    def token(self, tenant: str = TENANT_ID, /, **form: Any) -> requests.Response:
        return self.post(f"/{tenant}/oauth2/v2.0/token", form)

    def public_key(self, token: str) -> Any:
        from upsim.wire.jose.tokens import read_unverified

        return self.await_(self.site.keyring.public_key(read_unverified(token)[0]["kid"]))

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token that upsim really signed."""
        from upsim.wire.jose.tokens import verify

        return verify(token, self.public_key(token))


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
    site = Site(
        store=first_store,
        blobs=None,  # type: ignore[arg-type]  # the identity API has no documents
        certificates=X509Certificates(),
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
        settings=TenantSettings(device_code_interval_seconds=1),
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
        return await Gateway(site, lambda: [API], API)(request)  # anew: each test has its own store

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(leaf, key)
    runner = web.ServerRunner(web.Server(handle))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    return runner
