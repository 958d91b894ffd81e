"""The commands for one kind of directory objects: list, show, add, remove."""

import json
from typing import TYPE_CHECKING, Any

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.showing import Cell, show_fields, show_rows

if TYPE_CHECKING:
    from upsim.client.directory import Kind


def directory_group(name: str, kind: "Kind", article: str, said: str, columns: dict[str, Cell]) -> click.Group:
    """A group of commands called `name`."""

    @click.group(name, help=said)
    def group() -> None: ...

    @group.command("list", help=f"List {kind}.")
    @of_tenant
    @json_option
    def list_all(tenant: str | None, url: str | None, as_json: bool) -> None:
        from upsim.client import directory

        with asking_tenant(url, tenant) as (client, where):
            found = client.send(directory.list_all(where, kind))
        show_rows(found, columns, as_json=as_json)

    @group.command("show", help=f"Show {article}, by id or name.")
    @click.argument("named")
    @of_tenant
    @json_option
    def show(named: str, tenant: str | None, url: str | None, as_json: bool) -> None:
        from upsim.client import directory

        with asking_tenant(url, tenant) as (client, where):
            found = client.send(directory.get(where, kind, named))
        show_fields(found, as_json=as_json)

    @group.command("add", help=f"Add {article}; MEMBERS are spelled as in JSON: name=VALUE, VALUE may be JSON.")
    @click.argument("members", nargs=-1, required=True)
    @of_tenant
    @json_option
    def add(members: tuple[str, ...], tenant: str | None, url: str | None, as_json: bool) -> None:
        from upsim.client import directory

        with asking_tenant(url, tenant) as (client, where):
            made = client.send(directory.add(where, kind, members_of(members)))
        show_fields(made, as_json=as_json)

    @group.command("change", help=f"Change {article}: what is named becomes so.")
    @click.argument("named")
    @click.argument("members", nargs=-1, required=True)
    @of_tenant
    @json_option
    def change(named: str, members: tuple[str, ...], tenant: str | None, url: str | None, as_json: bool) -> None:
        from upsim.client import directory

        with asking_tenant(url, tenant) as (client, where):
            changed = client.send(directory.change(where, kind, named, members_of(members)))
        show_fields(changed, as_json=as_json)

    @group.command("remove", help=f"Remove {article}.")
    @click.argument("named")
    @of_tenant
    def remove(named: str, tenant: str | None, url: str | None) -> None:
        from upsim.client import directory

        with asking_tenant(url, tenant) as (client, where):
            client.send(directory.remove(where, kind, named))

    return group


def members_of(typed: tuple[str, ...]) -> dict[str, Any]:
    """`name=value` as members; a value that is JSON is that, any other is text."""
    found: dict[str, Any] = {}
    for each in typed:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise click.UsageError(f"'{each}' is not NAME=VALUE.")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found
