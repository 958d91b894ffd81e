"""A running sign-in API with one small tenant, and its state at hand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
import requests
from msgspec.structs import replace

from upsim.domain.application import Application, Consent
from upsim.domain.entity import Entity
from upsim.domain.tenant import Tenant, TenantSettings
from upsim.domain.user import Role, User
from upsim.server.site import Site
from upsim.services.ports import SYSTEM, Unit

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
        self.change_tenant(
            lambda tenant: replace(
                tenant,
                settings=msgspec.convert({**msgspec.structs.asdict(tenant.settings), **changes}, TenantSettings),
            )
        )

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
