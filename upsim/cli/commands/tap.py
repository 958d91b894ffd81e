"""`upsim tap`: a badge at a printer's reader."""

import click

from upsim.cli.asking import tenant_option, url_option
from upsim.cli.exits import EXIT_NO_SERVER, explained


@click.command("tap")
@click.argument("badge")
@click.option(
    "--printer", "name", required=True, help="One that 'upsim printer run' has registered, or one inside upsim."
)
@click.option("--save", type=click.Path(file_okay=False), help="Folder for the documents that are printed.")
@tenant_option
@url_option
def command(badge: str, name: str, save: str | None, tenant: str | None, url: str | None) -> None:
    """Hold a badge to a printer's reader.

    The waiting jobs of the badge's owner are released there and printed.
    """
    import asyncio
    from pathlib import Path

    from upsim.playing import PlayError, tap
    from upsim.trust import servers

    def tell(text: str) -> None:
        click.echo(f"{name}: {text}")

    with explained(servers.NoServer, code=EXIT_NO_SERVER), explained(PlayError, OSError):
        server = servers.introduce(servers.find_url(url))
        tell(asyncio.run(tap(server, tenant, badge, name, tell=tell, save_to=Path(save) if save else None)))
