"""`upsim badge`: which card belongs to whom."""

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.people import user_named
from upsim.cli.showing import Cell, show_fields, show_rows

_COLUMNS: dict[str, Cell] = {"badge": "id", "user": "user", "user id": "userId"}


@click.group("badge")
def command() -> None:
    """Give users badges, by which printers with a reader know them."""


@command.command("add")
@click.argument("badge")
@click.option("--user", required=True, help="The user: a user principal name, what stands before its @, or an id.")
@of_tenant
@json_option
def add(badge: str, user: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Give a user a badge, at once. BADGE is what the printer's reader reads."""
    from upsim.client import badges

    with asking_tenant(url, tenant) as (client, where):
        made = client.send(badges.add(where, badge, user_named(client, where, user)))
    show_fields(made, _COLUMNS, as_json=as_json)


@command.command("list")
@click.option("--user", help="Those of one user alone.")
@of_tenant
@json_option
def list_all(user: str | None, tenant: str | None, url: str | None, as_json: bool) -> None:
    """List badges and whose they are."""
    from upsim.client import badges

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(badges.list_all(where))
        if user is not None:
            wanted = user_named(client, where, user).lower()
            found = [each for each in found if wanted in {str(each["user"]).lower(), each["userId"]}]
    show_rows(found, _COLUMNS, as_json=as_json)


@command.command("remove")
@click.argument("badge")
@of_tenant
def remove(badge: str, tenant: str | None, url: str | None) -> None:
    """Take a badge away."""
    from upsim.client import badges

    with asking_tenant(url, tenant) as (client, where):
        client.send(badges.remove(where, badge))
