"""`upsim tenant`: the tenants of a server."""

import json
from collections.abc import Mapping
from typing import Any

import click

from upsim.cli.asking import asking, json_option, of_server
from upsim.cli.directory_group import members_of
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


def range_of(member: Mapping[str, Any]) -> str:
    """What a setting may be, for people."""
    if member["choices"]:
        return " | ".join(member["choices"])
    if member["above"] is not None:
        return f"> {member['above']:g}"
    return f">= {member['minimum']:g}" if member["minimum"] is not None else str(member["type"])


_SHOWN: dict[str, Cell] = {
    **_CREATED,
    "clock": "clock.now",
    "settings": lambda row: [
        f"{each['name']}={json.dumps(each['value'])}"
        for each in row["settings"]["members"]
        if each["value"] != each["default"]
    ],
}
_SETTINGS: dict[str, Cell] = {
    "name": "name",
    "value": lambda row: json.dumps(row["value"]),
    "default": lambda row: json.dumps(row["default"]),
    "range": range_of,
    "meaning": "meaning",
}


def _grouped(changes: tuple[str, ...]) -> dict[str, Any]:
    """`journal.callsMax=500` as a member of its group."""
    found: dict[str, Any] = {}
    for path, value in members_of(changes).items():
        group, dot, name = path.partition(".")
        if not dot:
            raise click.UsageError(f"'{path}' is not GROUP.NAME.")
        found.setdefault(group, {})[name] = value
    return found


@click.group("tenant")
def command() -> None:
    """Make, reset and delete tenants: one for each test."""


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
    """Show a tenant, by id or domain."""
    from upsim.client import tenants

    with asking(url) as client:
        found = client.send(tenants.get(tenant))
    show_fields(found, _SHOWN, as_json=as_json)


@command.command("settings")
@click.argument("tenant")
@click.option(
    "--set", "changes", multiple=True, help="NAME=VALUE, such as journal.callsMax=500; VALUE may be JSON."
)
@of_server
@json_option
def settings(tenant: str, changes: tuple[str, ...], url: str | None, as_json: bool) -> None:
    """Show every setting of a tenant with its default, its range and its meaning; with --set, change some first.

    \b
        upsim tenant settings contoso.example --set journal.callsMax=500 --set limits.scale=0.02
    """
    from upsim.client import settings as topic

    with asking(url) as client:
        if changes:
            client.send(topic.change(tenant, _grouped(changes)))
        found = client.send(topic.described(tenant))
    show_rows(found, _SETTINGS, as_json=as_json)


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
