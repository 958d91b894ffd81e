"""`upsim print`: a user prints a document."""

import click

from upsim.cli.asking import tenant_option, url_option
from upsim.cli.exits import EXIT_FAILED, EXIT_NO_SERVER, explained


@click.command("print")
@click.argument("document", type=click.Path(exists=True, dir_okay=False))
@click.option("--share", required=True, help="Display name or id of the share.")
@click.option("--as", "user", required=True, help="The user: a user principal name, or what stands before its @.")
@click.option("--copies", type=click.IntRange(min=1), help="How many copies.")
@click.option("--wait/--no-wait", default=True, help="Follow the job to its end.")
@click.option("--quiet", "-q", is_flag=True, help="Print the job's id and nothing else.")
@tenant_option
@url_option
def command(
    document: str,
    share: str,
    user: str,
    copies: int | None,
    wait: bool,
    quiet: bool,
    tenant: str | None,
    url: str | None,
) -> None:
    """Print a document as a user, over Graph.

    Creates the job, uploads with a progress bar, starts, and follows the job to its end.
    """
    import asyncio
    import sys
    from pathlib import Path

    from upsim.playing import PlayError
    from upsim.printing import print_document
    from upsim.trust import servers

    configuration = {"copies": copies} if copies else {}
    with explained(servers.NoServer, code=EXIT_NO_SERVER), explained(PlayError, OSError):
        server = servers.introduce(servers.find_url(url))
        state = asyncio.run(
            print_document(
                server, tenant, Path(document), share, user, configuration, is_waiting=wait, is_quiet=quiet
            )
        )
    if wait and state != "completed":
        sys.exit(EXIT_FAILED)
