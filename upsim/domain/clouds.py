"""Microsoft's host names: which service answers on which, in the public cloud and those of governments.

One table. The server's certificate carries these names, the server is as strict under one of them as its owner,
URLs stay in the cloud that the client called, and the proxy leads them to upsim and every other host of
Microsoft's nowhere.
"""

from enum import Enum
from functools import lru_cache

from msgspec import Struct


class Service(Enum):
    """A Microsoft service with host names of its own."""

    LOGIN = "login"
    GRAPH = "graph"
    PRINT_GRAPH = "print-graph"
    REGISTRATION = "registration"
    PRINT = "print"
    DISCOVERY = "discovery"
    NOTIFICATION = "notification"


class Cloud(Struct, frozen=True, kw_only=True):
    """A cloud with its host names by service; the first of several is the one that URLs are built with."""

    name: str
    hosts: dict[Service, tuple[str, ...]]

    def host(self, service: Service) -> str:
        """Return the name that a URL of this service starts with."""
        return self.hosts[service][0]


def _print_hosts(prefix: str, domain: str) -> dict[Service, tuple[str, ...]]:
    return {
        Service.PRINT_GRAPH: (f"{prefix}graph.{domain}",),
        Service.REGISTRATION: (f"{prefix}register.{domain}",),
        Service.PRINT: (f"{prefix}print.{domain}",),
        Service.DISCOVERY: (f"{prefix}discovery.{domain}",),
        Service.NOTIFICATION: (f"{prefix}notification.{domain}",),
    }


_PUBLIC_LOGIN = (
    "login.microsoftonline.com",
    "login.windows.net",
    "login.microsoft.com",
    "sts.windows.net",
    "*.login.microsoft.com",
)
_GOVERNMENT_LOGIN = ("login.microsoftonline.us", "login.usgovcloudapi.net")

CLOUDS = (
    Cloud(
        name="public",
        hosts={
            Service.LOGIN: _PUBLIC_LOGIN,
            Service.GRAPH: ("graph.microsoft.com", "canary.graph.microsoft.com"),
            **_print_hosts("", "print.microsoft.com"),
        },
    ),
    Cloud(
        name="GCC",
        hosts={
            Service.LOGIN: _PUBLIC_LOGIN,
            Service.GRAPH: ("graph.microsoft.com",),
            **_print_hosts("gcc-", "print.azure.us"),
        },
    ),
    Cloud(
        name="GCC High",
        hosts={
            Service.LOGIN: _GOVERNMENT_LOGIN,
            Service.GRAPH: ("graph.microsoft.us",),
            **_print_hosts("", "print.azure.us"),
        },
    ),
    Cloud(
        name="DoD",
        hosts={
            Service.LOGIN: _GOVERNMENT_LOGIN,
            Service.GRAPH: ("dod-graph.microsoft.us",),
            **_print_hosts("", "print-dod.azure.us"),
        },
    ),
)
"""Where two clouds share a name, it belongs to the first. Universal Print is not offered in China's cloud."""

MICROSOFT_DOMAINS = (
    "aka.ms",
    "aspnetcdn.com",
    "azure.cn",
    "azure.com",
    "azure.net",
    "azure.us",
    "azureedge.net",
    "azurefd.net",
    "azurewebsites.net",
    "bing.com",
    "chinacloudapi.cn",
    "cloudapp.net",
    "dynamics.com",
    "live.com",
    "live.net",
    "microsoft",
    "microsoft.cn",
    "microsoft.com",
    "microsoft.de",
    "microsoft.us",
    "microsoftazuread-sso.com",
    "microsoftonline.cn",
    "microsoftonline.com",
    "microsoftonline.de",
    "microsoftonline.us",
    "microsoftonline-p.com",
    "microsoftonline-p.net",
    "msauth.net",
    "msauthimages.net",
    "msecnd.net",
    "msftauth.net",
    "msftauthimages.net",
    "msftconnecttest.com",
    "msftidentity.com",
    "msidentity.com",
    "msn.com",
    "office.com",
    "office.net",
    "office365.com",
    "office365.us",
    "onmicrosoft.com",
    "onmicrosoft.us",
    "outlook.com",
    "passport.net",
    "powerbi.com",
    "sharepoint.com",
    "sharepoint.us",
    "skype.com",
    "trafficmanager.net",
    "usgovcloudapi.net",
    "usgovtrafficmanager.net",
    "visualstudio.com",
    "windows.com",
    "windows.net",
    "windowsazure.com",
    "windowsazure.us",
)
"""Domains of Microsoft, including every subdomain."""


def host_names() -> tuple[str, ...]:
    """Return every name of the table once; some begin with `*.`."""
    names = [name for cloud in CLOUDS for hosts in cloud.hosts.values() for name in hosts]
    return tuple(dict.fromkeys(names))


@lru_cache(maxsize=256)
def locate(host: str) -> tuple[Cloud, Service] | None:
    """Return the cloud and the service that own a name, or None for a name that is not in the table."""
    name = plain(host)
    wildcard = "*." + name.partition(".")[2]
    for cloud in CLOUDS:
        for service, names in cloud.hosts.items():
            if name in names or wildcard in names:
                return cloud, service
    return None


def login_hosts(host: str) -> tuple[str, ...]:
    """Return the names of sign-in that are one with this host's: those of its cloud, or of the public one."""
    located = locate(host)
    cloud = located[0] if located else CLOUDS[0]
    return tuple(name for name in cloud.hosts[Service.LOGIN] if not name.startswith("*."))


def is_microsoft(host: str) -> bool:
    """Return whether the host belongs to Microsoft, in the table or not."""
    name = plain(host)
    return any(name == domain or name.endswith("." + domain) for domain in MICROSOFT_DOMAINS)


def plain(host: str) -> str:
    """Return the name in a Host header: lower case, without port and without the final dot."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].rstrip(".").lower()
