"""`upsim pull-printer`: queues of Universal Print Anywhere and the printers that print for them."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.people import user_named
from upsim.cli.showing import Cell, show_fields, show_rows

F = TypeVar("F", bound=Callable[..., Any])

FORMATS = ("pdf", "pwg-raster", "pclm", "urf", "xps", "raw")


def _members(shown: Any) -> Any:
    return (
        "all configured printers" if shown["allPrinters"] else [each["displayName"] for each in shown["members"]]
    )


def _admitted(shown: Any) -> Any:
    share = shown["share"]
    if share is None:
        return None
    return "everybody" if share["allowAllUsers"] else [*share["allowedUsers"], *share["allowedGroups"]]


_COLUMNS: dict[str, Cell] = {
    "name": "displayName",
    "id": "id",
    "members": _members,
    "share": "share.displayName",
    "for": _admitted,
}
_FIELDS: dict[str, Cell] = {
    **_COLUMNS,
    "share id": "share.id",
    "formats": "formats",
    "media": "media",
    "colour": "isColor",
    "two sides": "isDuplex",
}


@click.group("pull-printer")
def command() -> None:
    """Set up pull-print printers (Universal Print Anywhere).

    PRINTER and MEMBER are ids or display names.
    """


def _print_options(function: F) -> F:
    for option in (
        click.option("--duplex/--no-duplex", default=True, help="Print on both sides."),
        click.option("--color/--no-color", default=True, help="Print in colour."),
        click.option(
            "--media", multiple=True, help="A PWG 5101.1 name; the first is the default.  [default: A4, Letter]"
        ),
        click.option(
            "--format",
            "formats",
            multiple=True,
            type=click.Choice(FORMATS),
            default=("pdf",),
            help="What it takes.",
        ),
    ):
        function = option(function)
    return function


def _chosen(formats: tuple[str, ...], media: tuple[str, ...], color: bool, duplex: bool) -> dict[str, Any]:
    chosen = {"formats": list(formats), "color": color, "duplex": duplex}
    return {**chosen, "media": list(media)} if media else chosen


@command.command("create")
@click.argument("name")
@_print_options
@click.option("--member", "members", multiple=True, help="A printer at which its jobs are released.")
@click.option("--all-printers", is_flag=True, help="Every configured printer is a member.")
@click.option("--share", help="Share it with everybody under this name.")
@of_tenant
@json_option
def create(
    name: str,
    formats: tuple[str, ...],
    media: tuple[str, ...],
    color: bool,
    duplex: bool,
    members: tuple[str, ...],
    all_printers: bool,
    share: str | None,
    tenant: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Make a pull-print printer with its print options, members and share."""
    from upsim.client import pull_printers

    options = _chosen(formats, media, color, duplex)
    with asking_tenant(url, tenant) as (client, where):
        made = client.send(
            pull_printers.create(
                where, name, options=options, all_printers=all_printers, members=members, share=share
            )
        )
    show_fields(made, _FIELDS, as_json=as_json)


@command.command("list")
@of_tenant
@json_option
def list_all(tenant: str | None, url: str | None, as_json: bool) -> None:
    """List pull-print printers."""
    from upsim.client import pull_printers

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(pull_printers.list_all(where))
    show_rows(found, _COLUMNS, as_json=as_json)


@command.command("show")
@click.argument("printer")
@of_tenant
@json_option
def show(printer: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Show one with its print options, members and share."""
    from upsim.client import pull_printers

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(pull_printers.get(where, printer))
    show_fields(found, _FIELDS, as_json=as_json)


@command.command("options")
@click.argument("printer")
@_print_options
@of_tenant
@json_option
def options(
    printer: str,
    formats: tuple[str, ...],
    media: tuple[str, ...],
    color: bool,
    duplex: bool,
    tenant: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Choose its print options anew, all of them."""
    from upsim.client import pull_printers

    chosen = _chosen(formats, media, color, duplex)
    with asking_tenant(url, tenant) as (client, where):
        changed = client.send(pull_printers.change(where, printer, options=chosen))
    show_fields(changed, _FIELDS, as_json=as_json)


@command.command("share")
@click.argument("printer")
@click.argument("name", required=False)
@click.option("--user", "users", multiple=True, help="Admit this user; without --user and --group: everybody.")
@click.option("--group", "groups", multiple=True, help="Admit the members of this group.")
@click.option("--remove", is_flag=True, help="Unshare it.")
@of_tenant
@json_option
def share(
    printer: str,
    name: str | None,
    users: tuple[str, ...],
    groups: tuple[str, ...],
    remove: bool,
    tenant: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Share it under NAME, or change its share and whom that admits."""
    from upsim.client import pull_printers

    if remove == bool(name):
        raise click.UsageError("Give the NAME of the share, or --remove.")
    with asking_tenant(url, tenant) as (client, where):
        if name:
            admitted = [user_named(client, where, user) for user in users]
            client.send(pull_printers.share(where, printer, name, users=admitted, groups=groups))
        else:
            client.send(pull_printers.unshare(where, printer))
        found = client.send(pull_printers.get(where, printer))
    show_fields(found, _FIELDS, as_json=as_json)


@command.command("all-printers")
@click.argument("printer")
@click.argument("switch", type=click.Choice(["on", "off"]))
@of_tenant
@json_option
def all_printers(printer: str, switch: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Let its jobs be released at every configured printer, or at its members alone."""
    from upsim.client import pull_printers

    with asking_tenant(url, tenant) as (client, where):
        changed = client.send(pull_printers.change(where, printer, all_printers=switch == "on"))
    show_fields(changed, _FIELDS, as_json=as_json)


@command.command("delete")
@click.argument("printer")
@of_tenant
def delete(printer: str, tenant: str | None, url: str | None) -> None:
    """Take one away that is not shared; jobs that wait on it are aborted."""
    from upsim.client import pull_printers

    with asking_tenant(url, tenant) as (client, where):
        client.send(pull_printers.delete(where, printer))


@command.group("member")
def member() -> None:
    """The printers at which its jobs are released."""


@member.command("add")
@click.argument("printer")
@click.argument("member")
@of_tenant
@json_option
def add_member(printer: str, member: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Let its jobs be released at a printer."""
    from upsim.client import pull_printers

    with asking_tenant(url, tenant) as (client, where):
        changed = client.send(pull_printers.add_member(where, printer, member))
    show_fields(changed, _FIELDS, as_json=as_json)


@member.command("remove")
@click.argument("printer")
@click.argument("member")
@of_tenant
@json_option
def remove_member(printer: str, member: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Let nothing more be released at a printer."""
    from upsim.client import pull_printers

    with asking_tenant(url, tenant) as (client, where):
        changed = client.send(pull_printers.remove_member(where, printer, member))
    show_fields(changed, _FIELDS, as_json=as_json)
