"""`upsim snippets`: settings for clients, ready to be pasted."""

import click

from upsim.cli.asking import tenant_option, url_option
from upsim.cli.exits import EXIT_NO_SERVER, explained


@click.command("snippets")
@click.argument("client", required=False)
@url_option
@tenant_option
def command(client: str | None, url: str | None, tenant: str | None) -> None:
    """Print ready settings for each client of a running upsim, filled with its addresses.

    CLIENT is one of python, javascript, dotnet, java, powershell, go and curl; without it, all are printed.
    """
    from upsim.trust import servers

    with explained(servers.NoServer, code=EXIT_NO_SERVER), explained(servers.ServerRefused, OSError):
        server = servers.introduce(servers.find_url(url))
        click.echo(servers.snippets(server, client, tenant or ""), nl=False)
