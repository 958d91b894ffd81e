"""`upsim printer`: printers, their states, and simulated ones."""

from collections.abc import Callable
from typing import Any

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant, tenant_option, url_option
from upsim.cli.durations import Duration
from upsim.cli.exits import EXIT_NO_SERVER, explained
from upsim.cli.showing import Cell, show_fields, show_rows
from upsim.cli.things import printer_named
from upsim.client import Ask, printing, states

_COLUMNS: dict[str, Cell] = {
    "id": "id",
    "name": "displayName",
    "state": "state",
    "reasons": "reasons",
    "held": "held",
    "pace": "pace",
    "share": "share",
}


@click.group("printer")
def command() -> None:
    """Look at printers, decide their states, and play them over real HTTPS."""


@command.command("run")
@click.argument("name")
@click.option(
    "--persona", default="ideal", help="How it behaves: a name (see 'upsim printer personas') or a file."
)
@click.option("--share", help="Display name of its share, when it is registered.  [default: NAME]")
@click.option("--jobs", type=click.IntRange(min=1), help="Stop when so many jobs have ended.")
@click.option("--save", type=click.Path(file_okay=False), help="Folder for the documents that it prints.")
@tenant_option
@url_option
def run(
    name: str,
    persona: str,
    share: str | None,
    jobs: int | None,
    save: str | None,
    tenant: str | None,
    url: str | None,
) -> None:
    """Be a printer: register once, keep the certificate, then fetch and print what comes until Ctrl-C."""
    import asyncio
    from contextlib import suppress
    from pathlib import Path

    from upsim.domain.refusals import Refusal
    from upsim.playing import PlayError, persona_of, run_printer
    from upsim.trust import servers

    with (
        explained(servers.NoServer, code=EXIT_NO_SERVER),
        explained(PlayError, Refusal, OSError),
        suppress(KeyboardInterrupt),
    ):
        server = servers.introduce(servers.find_url(url))
        asyncio.run(
            run_printer(
                server,
                tenant,
                name,
                persona_of(persona),
                share=share,
                jobs=jobs,
                save_to=Path(save) if save else None,
                tell=lambda text: click.echo(f"{name}: {text}"),
            )
        )


@command.command("personas")
@json_option
def show_personas(as_json: bool) -> None:
    """List the personas that come with upsim."""
    from upsim.services import personas

    rows = [{"name": each, "description": personas.named(each).description} for each in personas.names()]
    show_rows(rows, {"name": "name", "description": "description"}, as_json=as_json)


@command.command("list")
@of_tenant
@json_option
def list_all(tenant: str | None, url: str | None, as_json: bool) -> None:
    """List printers with their states."""
    with asking_tenant(url, tenant) as (client, where):
        found = client.send(printing.printers(where))
    show_rows(found, _COLUMNS, as_json=as_json)


@command.command("force")
@click.argument("printer")
@click.argument("state", type=click.Choice(["idle", "processing", "stopped"]))
@click.option("--reason", "reasons", multiple=True, help="Such as media-jam-error; may be given again.")
@click.option("--message", help="What the printer shows.")
@click.option("--hold", is_flag=True, help="It stays so, whatever its device reports.")
@click.option("--allow-illegal", is_flag=True, help="Even if that contradicts its jobs.")
@of_tenant
@json_option
def force(
    printer: str,
    state: str,
    reasons: tuple[str, ...],
    message: str | None,
    hold: bool,
    allow_illegal: bool,
    tenant: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Put a printer into a state, as if its device had reported it."""
    with asking_tenant(url, tenant) as (client, where):
        found = client.send(
            states.force_printer(
                where,
                printer_named(client, where, printer),
                state,
                reasons=reasons,
                message=message,
                hold=hold,
                allow_illegal=allow_illegal,
            )
        )
    show_fields(found, as_json=as_json)


def _asking(name: str, text: str, of: Callable[[str, str], Ask[Any]]) -> None:
    """A command that asks one thing about a printer and shows the printer."""

    @command.command(name, help=text)
    @click.argument("printer")
    @of_tenant
    @json_option
    def ask(printer: str, tenant: str | None, url: str | None, as_json: bool) -> None:
        with asking_tenant(url, tenant) as (client, where):
            found = client.send(of(where, printer_named(client, where, printer)))
        show_fields(found, as_json=as_json)


_asking("show", "Show a printer, by id or display name.", printing.printer)
_asking("free", "Let a held state go: what the device reported last holds again.", states.free_printer)
_asking("step", "Let a printer's simulated device do its next thing now.", states.step_printer)


@command.command("pace")
@click.argument("printer")
@click.argument("mode", type=click.Choice(["automatic", "manual", "timed", "reads"]))
@click.option("--every", type=Duration(), default=1.0, help="Time between moves, on the tenant's clock (timed).")
@click.option("--reads", type=click.IntRange(min=1), default=1, help="Looks at a job that bring a move (reads).")
@click.option("--up-to", type=click.Choice(["fetchable", "completed"]), default="completed", help="How far.")
@of_tenant
@json_option
def pace(
    printer: str,
    mode: Any,
    every: float,
    reads: int,
    up_to: Any,
    tenant: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Choose what moves the jobs of a printer, those to come as well."""
    with asking_tenant(url, tenant) as (client, where):
        named = printer_named(client, where, printer)
        if mode == "automatic":
            found = client.send(states.let_printer_go_on(where, named))
        else:
            chosen: dict[str, Any] = {"seconds": every} if mode == "timed" else {}
            chosen |= {"reads": reads} if mode == "reads" else {}
            found = client.send(states.pace_printer(where, named, mode, up_to=up_to, **chosen))
    show_fields(found, as_json=as_json)
