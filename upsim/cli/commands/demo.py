"""`upsim demo`: one document through the whole cloud."""

import click

from upsim.cli.exits import EXIT_NO_SERVER, explained


@click.command("demo")
@click.option("--file", "document", type=click.Path(exists=True, dir_okay=False), help="The PDF to print.")
@click.option("--url", help="A running upsim.  [default: UPSIM_URL, the one that runs here, else one is started]")
@click.option("--save", type=click.Path(), help="Where to save the document that the printer fetched.")
def command(document: str | None, url: str | None, save: str | None) -> None:
    """Print a document through the whole cloud: register, share, print, release.

    Acts as an administrator, a user and a printer with a certificate of its own, over real HTTPS, and proves
    at the end that the printer got the very bytes that the user sent.
    """
    from pathlib import Path

    from upsim.demo import DemoError, run
    from upsim.trust import servers

    with explained(servers.NoServer, code=EXIT_NO_SERVER), explained(DemoError):
        found = servers.find_running(url)
        run(
            document=Path(document) if document else None,
            url=found,
            save=Path(save) if save else None,
            control_key=servers.find_key(found) if found else None,
        )
