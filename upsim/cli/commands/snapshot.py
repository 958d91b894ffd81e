"""`upsim snapshot`: back, forth and aside in a tenant's history."""

from typing import Any

import click

from upsim.cli.asking import asking, asking_tenant, json_option, of_server, of_tenant
from upsim.cli.showing import Cell, show_fields, show_rows

_COLUMNS: dict[str, Cell] = {"name": "name", "change": "change", "taken at": "takenAt", "id": "id"}
_TENANT: dict[str, Cell] = {"tenant": "tenant.id", "domain": "tenant.domain"}
_RESTORED: dict[str, Cell] = {"restored": "restored", "before": "before", "clock": "now"}


@click.group("snapshot")
def command() -> None:
    """Go back and forth in a tenant's history: snapshots, forks, differences, tenants as files.

    POINT is 'now', a snapshot by its name or id, 'call:N' (a call of the journal, by number or request id), or
    'change:N'.
    """


@command.command("list")
@of_tenant
@json_option
def list_all(tenant: str | None, url: str | None, as_json: bool) -> None:
    """List the snapshots in the order of the history."""
    from upsim.client import snapshots

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(snapshots.list_all(where))
    show_rows(found, _COLUMNS, as_json=as_json)


@command.command("take")
@click.argument("name", required=False)
@click.option("--at", metavar="POINT", help="A point that is not now.")
@of_tenant
@json_option
def take(name: str | None, at: str | None, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Keep a point; without NAME it is named after the change."""
    from upsim.client import snapshots

    with asking_tenant(url, tenant) as (client, where):
        taken = client.send(snapshots.take(where, name, at=at))
    show_fields(taken, _COLUMNS, as_json=as_json)


@command.command("delete")
@click.argument("name")
@of_tenant
def delete(name: str, tenant: str | None, url: str | None) -> None:
    """Keep a snapshot no longer."""
    from upsim.client import snapshots

    with asking_tenant(url, tenant) as (client, where):
        client.send(snapshots.delete(where, name))


@command.command("restore")
@click.argument("point")
@click.option("--same-instant", is_flag=True, help="Let a clock that runs show the point's instant again.")
@of_tenant
@json_option
def restore(point: str, same_instant: bool, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Be what the tenant was at a point; 'change:BEFORE' of the answer undoes it."""
    _restore(point, same_instant, tenant, url, as_json)


@command.command("rewind")
@click.argument("call")
@of_tenant
@json_option
def rewind(call: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Be what the tenant was after a call of the journal, by its number or request id."""
    _restore(f"call:{call}", False, tenant, url, as_json)


def _restore(point: str, same_instant: bool, tenant: str | None, url: str | None, as_json: bool) -> None:
    from upsim.client import snapshots

    with asking_tenant(url, tenant) as (client, where):
        restored = client.send(snapshots.restore(where, point, same_instant=same_instant))
    show_fields(restored, _RESTORED, as_json=as_json)


@command.command("fork")
@click.argument("point", default="now")
@click.option("--id", "fork_id", help="The new tenant's id.")
@click.option("--domain", help="The new tenant's domain.")
@of_tenant
@json_option
def fork(
    point: str, fork_id: str | None, domain: str | None, tenant: str | None, url: str | None, as_json: bool
) -> None:
    """Make a tenant that goes on from a point by itself."""
    from upsim.client import snapshots

    with asking_tenant(url, tenant) as (client, where):
        made = client.send(snapshots.fork(where, at=point, id=fork_id, domain=domain))
    show_fields(made, _TENANT, as_json=as_json)


@command.command("diff")
@click.argument("first", metavar="POINT")
@click.argument("second", metavar="[POINT]", default="now")
@of_tenant
@json_option
def diff(first: str, second: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Show what is otherwise at the second point than at the first, field by field."""
    import io

    from upsim.cli.showing import show_json
    from upsim.client import snapshots

    with asking_tenant(url, tenant) as (client, where):
        if as_json:
            show_json(client.send(snapshots.diff(where, first, second)))
            return
        told = io.BytesIO()
        client.save(snapshots.text_path(where, first, second), told)
    click.echo(told.getvalue().decode(), nl=False)


@command.command("export")
@click.argument("file", type=click.File("wb", lazy=True))
@click.option("--at", metavar="POINT", default="now", help="A point of the history.")
@of_tenant
def export(file: Any, at: str, tenant: str | None, url: str | None) -> None:
    """Write the tenant into FILE ('-': stdout), documents included."""
    from upsim.client import snapshots

    with asking_tenant(url, tenant) as (client, where):
        client.save(snapshots.export_path(where, at=at), file)


@command.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--id", "tenant_id", help="Another id than it had.")
@click.option("--domain", help="Another domain than it had.")
@of_server
@json_option
def import_(file: Any, tenant_id: str | None, domain: str | None, url: str | None, as_json: bool) -> None:
    """Make a tenant from FILE ('-': stdin)."""
    from upsim.client import snapshots

    with asking(url) as client:
        made = client.load(snapshots.import_path(id=tenant_id, domain=domain), file)
    show_fields(made, _TENANT, as_json=as_json)
