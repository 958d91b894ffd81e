"""`upsim printer`: simulated printers."""

import click

from upsim.cli.asking import tenant_option, url_option
from upsim.cli.exits import EXIT_NO_SERVER, explained


@click.group("printer")
def command() -> None:
    """Play printers: each has a key and certificate of its own, over real HTTPS."""


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

    from upsim.domain.faults import Refused
    from upsim.playing import PlayError, persona_of, run_printer
    from upsim.trust import servers

    with (
        explained(servers.NoServer, code=EXIT_NO_SERVER),
        explained(PlayError, Refused, OSError),
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
def show_personas() -> None:
    """List the personas that come with upsim."""
    from upsim.services import personas

    width = max(map(len, personas.names()))
    for each in personas.names():
        click.echo(f"{each:{width}}  {personas.named(each).description}")
