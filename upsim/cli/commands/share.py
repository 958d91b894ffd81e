"""`upsim share`: what users print to."""

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.showing import Cell, show_fields, show_rows

_COLUMNS: dict[str, Cell] = {
    "id": "id",
    "name": "displayName",
    "printer": "printerName",
    "for everybody": "allowAllUsers",
    "holds": "holdsForRelease",
}


@click.group("share")
def command() -> None:
    """Look at the shares of a tenant."""


@command.command("list")
@of_tenant
@json_option
def list_all(tenant: str | None, url: str | None, as_json: bool) -> None:
    """List shares."""
    from upsim.client import printing

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(printing.shares(where))
    show_rows(found, _COLUMNS, as_json=as_json)


@command.command("show")
@click.argument("share")
@of_tenant
@json_option
def show(share: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Show a share, by id or display name."""
    from upsim.cli.things import share_named
    from upsim.client import printing

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(printing.share(where, share_named(client, where, share)))
    show_fields(found, as_json=as_json)
