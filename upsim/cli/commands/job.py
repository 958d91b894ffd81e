"""`upsim job`: what becomes of jobs."""

from collections.abc import Callable
from typing import Any

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.durations import Duration
from upsim.cli.people import user_named
from upsim.cli.showing import Cell, show_fields, show_json, show_rows
from upsim.cli.things import printer_named
from upsim.client import Ask, printing, releases, states

_STATES = ["pending", "pending-held", "processing", "processing-stopped", "canceled", "aborted", "completed"]
_COLUMNS: dict[str, Cell] = {
    "job": "id",
    "name": "name",
    "user": "user",
    "state": "state",
    "reasons": "reasons",
    "printer": "printer",
    "pace": "pace",
    "created": "createdAt",
}

_HELD: dict[str, Cell] = {
    "job": "id",
    "name": "name",
    "user": "user",
    "state": "state",
    "reasons": "reasons",
    "printer": "printer",
}


@click.group("job")
def command() -> None:
    """Look at jobs, decide their states, and release those that wait for their owner."""


@command.command("held")
@click.option("--as", "user", required=True, help="The owner: a user principal name, or what stands before its @.")
@of_tenant
@json_option
def held(user: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """List a user's jobs that wait to be released."""
    with asking_tenant(url, tenant) as (client, where):
        found = client.send(releases.waiting(where, user_named(client, where, user)))
    show_rows(found, _HELD, as_json=as_json)


@command.command("release")
@click.argument("job")
@click.option("--as", "user", required=True, help="The owner: a user principal name, or what stands before its @.")
@click.option(
    "--printer", help="Where: id or display name; needed for a pull-print printer's job.  [default: the job's own]"
)
@of_tenant
@json_option
def release(job: str, user: str, printer: str | None, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Release a held job, as the owner's phone does that read the code on a printer."""
    with asking_tenant(url, tenant) as (client, where):
        owner = user_named(client, where, user)
        released = client.send(releases.release(where, job, owner, printer=printer))
    show_fields(released, {**_HELD, "released to": "releasedTo"}, as_json=as_json)


@command.command("list")
@click.option("--printer", help="Those of one printer, by id or display name.")
@click.option("--state", type=click.Choice(_STATES), help="Those in one state.")
@of_tenant
@json_option
def list_all(printer: str | None, state: str | None, tenant: str | None, url: str | None, as_json: bool) -> None:
    """List jobs, oldest first."""
    with asking_tenant(url, tenant) as (client, where):
        printer_id = printer_named(client, where, printer) if printer else None
        found = client.send(printing.jobs(where, printer_id=printer_id, state=state))
    show_rows(found, _COLUMNS, as_json=as_json)


def _asking(name: str, text: str, of: Callable[[str, str], Ask[Any]]) -> None:
    """A command that asks one thing about a job and shows the job."""

    @command.command(name, help=text)
    @click.argument("job")
    @of_tenant
    @json_option
    def ask(job: str, tenant: str | None, url: str | None, as_json: bool) -> None:
        with asking_tenant(url, tenant) as (client, where):
            found = client.send(of(where, job))
        show_fields(found, as_json=as_json)


_asking("show", "Show a job with where it stands and what moves it.", printing.job)
_asking("cancel", "Cancel a job that has not ended.", lambda tenant, job: states.force(tenant, job, "canceled"))
_asking("hold", "Keep a job where it is, until it is stepped, forced or let go.", states.hold)
_asking("step", "Make a job's next move: offered, taken by the device, printing, completed.", states.step)
_asking("go", "Let a job that was held go on by itself.", states.go)


@command.command("why")
@click.argument("job")
@of_tenant
@json_option
def why(job: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Say why a job is where it is: how it got there, what it waits for, whose turn it is, and what moves it."""
    with asking_tenant(url, tenant) as (client, where):
        found = client.send(printing.why(where, job))
    if as_json:
        show_json(found)
    else:
        click.echo(click.wrap_text(found["paragraph"], width=100))


@command.command("pace")
@click.argument("job")
@click.option("--every", type=Duration(), help="A move so long after each, on the tenant's clock.")
@click.option("--reads", type=click.IntRange(min=1), help="A move with every so manieth look at the job.")
@click.option("--up-to", type=click.Choice(["fetchable", "completed"]), default="completed", help="How far.")
@of_tenant
@json_option
def pace(
    job: str,
    every: float | None,
    reads: int | None,
    up_to: Any,
    tenant: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Choose what moves a job: time, or being looked at."""
    if (every is None) == (reads is None):
        raise click.UsageError("Give --every or --reads.")
    with asking_tenant(url, tenant) as (client, where):
        found = client.send(
            states.on_reads(where, job, reads or 1, up_to)
            if every is None
            else states.timed(where, job, every, up_to)
        )
    show_fields(found, as_json=as_json)


@command.command("force")
@click.argument("job")
@click.argument("state", type=click.Choice(_STATES))
@click.option("--reason", "reasons", multiple=True, help="job-state-reasons; may be given again.")
@click.option("--message", help="job-state-message.")
@click.option("--allow-illegal", is_flag=True, help="Even if no legal moves lead there.")
@of_tenant
@json_option
def force(
    job: str,
    state: str,
    reasons: tuple[str, ...],
    message: str | None,
    allow_illegal: bool,
    tenant: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Put a job into a state, by the moves that lead there."""
    with asking_tenant(url, tenant) as (client, where):
        found = client.send(
            states.force(where, job, state, reasons=reasons, message=message, allow_illegal=allow_illegal)
        )
    show_fields(found, as_json=as_json)
