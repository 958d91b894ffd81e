"""`upsim browse`: a page of Microsoft's sign-in, at upsim."""

import sys

import click

from upsim.cli.asking import url_option
from upsim.cli.exits import EXIT_FAILED, EXIT_NO_SERVER, explained


@click.command("browse")
@click.argument("address")
@url_option
def command(address: str, url: str | None) -> None:
    """Open a sign-in address of Microsoft's in the browser, at upsim.

    Programs under `upsim exec` do so by themselves, where they honour BROWSER.
    """
    from upsim.trust import browsing, servers

    with explained(servers.NoServer, code=EXIT_NO_SERVER), explained(ValueError):
        led = browsing.led(address, servers.find_url(url))
    if not browsing.show(led):
        click.echo(f"upsim: There is no browser here. Open {led}", err=True)
        sys.exit(EXIT_FAILED)
