"""`GET /_upsim/snippets`: ready settings for each client, filled with this server's addresses and sample tenant.

A template a client in `templates/`. Jinja2 is loaded with the first that is asked for.
"""

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web
from msgspec import Struct

from upsim.apis.control.bodies import taking
from upsim.domain.application import Application
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.server.context import Call
from upsim.server.control_bodies import read_query
from upsim.services import tenants
from upsim.services.ports import SYSTEM

if TYPE_CHECKING:
    from jinja2 import Environment

CLIENTS = {
    "python": "Python: MSAL, Azure Identity, Microsoft Graph SDK",
    "javascript": "JavaScript: msal-node, @azure/identity, microsoft-graph-client",
    "dotnet": ".NET: MSAL.NET, Azure.Identity, Microsoft.Graph",
    "java": "Java: MSAL4J, Azure Identity, Microsoft Graph SDK",
    "powershell": "PowerShell",
    "go": "Go: MSAL, azidentity, Microsoft Graph SDK",
    "curl": "curl",
}
"""Every template with its headline."""

_HEAD = "Settings for clients with an option for upsim's address. With `upsim exec -- COMMAND` none is needed.\n\n"


class OfTenant(Struct, frozen=True):
    """The query parameters."""

    tenant: str = ""
    """Whose, by id or domain; default: the first."""


@taking(query=OfTenant)
async def show_all(call: Call) -> web.Response:
    """Return every snippet, under headlines."""
    values = await _values(call)
    parts = [f"## {headline}\n\n{_render(name, values)}" for name, headline in CLIENTS.items()]
    return web.Response(text=_HEAD + "\n".join(parts))


@taking(query=OfTenant)
async def show(call: Call) -> web.Response:
    """Return the snippet of one client."""
    name = call.parameters["client"].lower()
    if name not in CLIENTS:
        raise Refusal(
            RefusalKind.NOT_FOUND,
            f"There is no snippet for '{name}'. There are: {', '.join(CLIENTS)}.",
            reason="client-unknown",
        )
    return web.Response(text=_render(name, await _values(call)))


async def _values(call: Call) -> dict[str, Any]:
    """Return the values for the templates, of the tenant that `?tenant=` names or the first."""
    https = call.base_url if call.base_url.startswith("https:") else call.site.addresses.https
    tenant = await _tenant(call)
    _, applications = await call.site.store.read(tenant.id, tenants.directory)
    return {
        "https": https,
        "host": urlsplit(https).hostname,
        "host_and_port": urlsplit(https).netloc,
        "tenant": tenant,
        "public": _first(applications, has_secret=False),
        "confidential": _first(applications, has_secret=True),
    }


async def _tenant(call: Call) -> Tenant:
    wanted = read_query(call, OfTenant).tenant.lower()
    found = await call.site.store.read(SYSTEM, tenants.list_all)
    for tenant in found:
        if wanted in {"", tenant.id.lower(), *tenant.domains}:
            return tenant
    raise Refusal(RefusalKind.NOT_FOUND, f"There is no tenant '{wanted}' here.", reason="tenant-unknown")


def _first(applications: list[Application], *, has_secret: bool) -> Application:
    """Return an application of this kind; where the tenant has none, one to be replaced by the reader."""
    placeholder = Application(
        id="CLIENT-ID", display_name="", service_principal_id="", secret="SECRET" if has_secret else None
    )
    return next((each for each in applications if bool(each.secret) is has_secret), placeholder)


def _render(name: str, values: dict[str, Any]) -> str:
    return _environment().get_template(f"{name}.j2").render(values)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("upsim.apis.control")
    # Source text, not HTML: nothing is escaped.
    return Environment(loader=loader, autoescape=False, undefined=StrictUndefined, keep_trailing_newline=True)  # noqa: S701
