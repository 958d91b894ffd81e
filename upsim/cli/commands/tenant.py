"""`upsim tenant`: universes of a server."""

import click

from upsim.cli.asking import asking, json_option, of_server
from upsim.cli.durations import Instant
from upsim.cli.showing import Cell, show_fields, show_rows

_COLUMNS: dict[str, Cell] = {
    "id": "tenant.id",
    "domain": "tenant.domain",
    "users": lambda row: len(row["users"]),
    "applications": lambda row: len(row["applications"]),
}
_CREATED: dict[str, Cell] = {
    "id": "tenant.id",
    "domain": "tenant.domain",
    "users": lambda row: [user["userPrincipalName"] for user in row["users"]],
    "applications": lambda row: [each["appId"] for each in row["applications"]],
}


@click.group("tenant")
def command() -> None:
    """Make, reset and delete tenants: a universe for each test."""


@command.command("list")
@of_server
@json_option
def list_all(url: str | None, as_json: bool) -> None:
    """List tenants."""
    from upsim.client import tenants

    with asking(url) as client:
        found = client.send(tenants.list_all())
    show_rows(found, _COLUMNS, as_json=as_json)


@command.command("create")
@click.option("--like", help="Tenant whose seed is used, by id or domain.  [default: the server's first]")
@click.option("--seed", help="Any text; makes ids and secrets repeatable, together with a frozen clock.")
@click.option("--frozen-at", type=Instant(), help="Begin with the clock standing here.")
@of_server
@json_option
def create(like: str | None, seed: str | None, frozen_at: object, url: str | None, as_json: bool) -> None:
    """Make a tenant like another one, under an id and a domain of its own.

    TENANT=$(upsim tenant create --json | jq -r .tenant.id)
    """
    from datetime import datetime

    from upsim.client import tenants

    at = frozen_at if isinstance(frozen_at, datetime) else None
    with asking(url) as client:
        made = client.send(tenants.create(like=like, seed=seed, frozen_at=at))
    show_fields(made, _CREATED, as_json=as_json)


@command.command("show")
@click.argument("tenant")
@of_server
@json_option
def show(tenant: str, url: str | None, as_json: bool) -> None:
    """Show what a tenant has chosen: its settings, where they are not the service's own."""
    from upsim.client import limits

    with asking(url) as client:
        chosen = client.send(limits.settings(tenant))
    show_fields(chosen, as_json=as_json)


@command.command("reset")
@click.argument("tenant")
@of_server
@json_option
def reset(tenant: str, url: str | None, as_json: bool) -> None:
    """Wipe a tenant and replay its seed."""
    from upsim.client import tenants

    with asking(url) as client:
        again = client.send(tenants.reset(tenant))
    show_fields(again, _CREATED, as_json=as_json)


@command.command("delete")
@click.argument("tenant")
@of_server
def delete(tenant: str, url: str | None) -> None:
    """Delete a tenant with all it has."""
    from upsim.client import tenants

    with asking(url) as client:
        client.send(tenants.delete(tenant))
