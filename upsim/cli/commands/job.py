"""`upsim job`: what becomes of jobs."""

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.people import user_named
from upsim.cli.showing import Cell, show_fields, show_rows

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
    """Look at jobs, and release those that wait for their owner."""


@command.command("held")
@click.option("--as", "user", required=True, help="The owner: a user principal name, or what stands before its @.")
@of_tenant
@json_option
def held(user: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """List a user's jobs that wait to be released."""
    from upsim.client import releases

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
    from upsim.client import releases

    with asking_tenant(url, tenant) as (client, where):
        owner = user_named(client, where, user)
        released = client.send(releases.release(where, job, owner, printer=printer))
    show_fields(released, {**_HELD, "released to": "releasedTo"}, as_json=as_json)
