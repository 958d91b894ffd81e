"""`upsim tap`: a badge at a printer's reader."""

import click

from upsim.cli.exits import explained


@click.command("tap")
@click.argument("badge")
@click.option("--printer", "name", required=True, help="A printer that 'upsim printer run' has registered.")
@click.option("--save", type=click.Path(file_okay=False), help="Folder for the documents that are printed.")
@click.option("--tenant", help="Id or domain of the tenant.  [default: the server's first]")
@click.option("--url", help="A running upsim.  [default: UPSIM_URL, else the one on this machine]")
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

    with explained(PlayError, servers.NoServer, OSError):
        server = servers.introduce(servers.find_url(url))
        printed = asyncio.run(tap(server, tenant, badge, name, tell=tell, save_to=Path(save) if save else None))
    tell(f"{printed} jobs printed" if printed != 1 else "1 job printed")
