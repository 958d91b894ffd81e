"""`upsim snippets`: settings for clients, ready to be pasted."""

import click

from upsim.cli.exits import explained


@click.command("snippets")
@click.argument("client", required=False)
@click.option("--url", help="A running upsim.  [default: UPSIM_URL, else the one on this machine]")
@click.option("--tenant", default="", help="Id or domain of the tenant.  [default: the first]")
def command(client: str | None, url: str | None, tenant: str) -> None:
    """Print ready settings for each client of a running upsim, filled with its addresses.

    CLIENT is one of python, javascript, dotnet, java, powershell, go and curl; without it, all are printed.
    """
    from upsim.trust import servers

    with explained(servers.NoServer, OSError):
        server = servers.introduce(servers.find_url(url))
        click.echo(servers.snippets(server, client, tenant), nl=False)
