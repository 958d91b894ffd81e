"""`upsim clock`: a tenant's time."""

from datetime import datetime

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.durations import Duration, Instant
from upsim.cli.showing import Cell, show_fields

_MOVED: dict[str, Cell] = {
    "now": "now",
    "happened": lambda moved: [f"{each['kind']} {each['id']} {each['what']}" for each in moved["happened"]],
}


@click.group("clock")
def command() -> None:
    """Look at a tenant's clock, stop it, move it, let it run."""


@command.command("show")
@of_tenant
@json_option
def show(tenant: str | None, url: str | None, as_json: bool) -> None:
    """Show where it stands, and when something is due next."""
    from upsim.client import clock

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(clock.get(where))
    show_fields(found, as_json=as_json)


@command.command("freeze")
@of_tenant
@json_option
def freeze(tenant: str | None, url: str | None, as_json: bool) -> None:
    """Stop it."""
    from upsim.client import clock

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(clock.freeze(where))
    show_fields(found, as_json=as_json)


@command.command("run")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), default=1.0, help="So many times as fast.")
@of_tenant
@json_option
def run(rate: float, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Let it run."""
    from upsim.client import clock

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(clock.run(where, rate))
    show_fields(found, as_json=as_json)


@command.command("advance")
@click.argument("by", type=Duration(), required=False)
@click.option("--to", type=Instant(), help="Instant to move to.")
@of_tenant
@json_option
def advance(by: float | None, to: datetime | None, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Move it by a time such as 90s, 1h30m or 31d; without one, to the next thing that is due.

    What falls due on the way happens, and is told.
    """
    from upsim.client import clock

    if by is not None and to is not None:
        raise click.UsageError("Give a time or --to, not both.")
    with asking_tenant(url, tenant) as (client, where):
        moved = client.send(clock.advance(where, by_seconds=by, to=to))
    show_fields(moved, _MOVED, as_json=as_json)
