"""What every command that asks a running upsim shares: which server, which tenant, and how failures end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from upsim.cli.exits import EXIT_NO_SERVER, explained

if TYPE_CHECKING:
    from upsim.client import Client

F = TypeVar("F", bound=Callable[..., Any])

_SERVER = "  [default: UPSIM_URL, the one that runs here, else https://localhost:8443]"


def url_option(function: F) -> F:
    """`--url`: which server."""
    return click.option("--url", help=f"A running upsim.{_SERVER}")(function)


def tenant_option(function: F) -> F:
    """`--tenant`: which of its tenants."""
    return click.option(
        "--tenant", envvar="UPSIM_TENANT", help="Id or domain.  [default: UPSIM_TENANT, else the server's first]"
    )(function)


def json_option(function: F) -> F:
    """`--json`: for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(function)


def of_tenant(function: F) -> F:
    """The options of a command that asks about a tenant."""
    return tenant_option(url_option(function))


def of_server(function: F) -> F:
    """The options of a command that asks about the server."""
    return url_option(function)


@contextmanager
def asking(url: str | None) -> Iterator["Client"]:
    """The client of the server that is meant; what it refuses is one sentence and an exit code."""
    import httpx

    from upsim.client import Client, ControlError
    from upsim.trust.servers import NoServer

    with (
        explained(NoServer, code=EXIT_NO_SERVER),
        explained(ControlError, httpx.HTTPError, OSError),
        Client(url) as client,
    ):
        yield client


@contextmanager
def asking_tenant(url: str | None, tenant: str | None) -> Iterator[tuple["Client", str]]:
    """The same, with the tenant that is meant."""
    with asking(url) as client:
        yield client, tenant or client.tenant
