"""`upsim stop`: end a server."""

import sys
import time
from contextlib import suppress

import click

from upsim.cli.asking import asking, of_server
from upsim.cli.exits import EXIT_NO_SERVER, EXIT_TIMEOUT, explained

_POLL_SECONDS = 0.05


@click.command("stop")
@of_server
@click.option("--timeout", type=click.FloatRange(min=0), default=30.0, help="Seconds to wait for its end.")
def command(url: str | None, timeout: float) -> None:
    """Stop a running upsim and wait until it has ended.

    One that runs here gets SIGTERM; another is asked through its control API.
    """
    import os
    import signal

    from upsim.client import server
    from upsim.server import records
    from upsim.trust import servers

    with explained(servers.NoServer, code=EXIT_NO_SERVER):
        found = servers.find_url(url)
    record = next((each for each in records.running() if each.url == found), None)
    if record is not None:
        with suppress(ProcessLookupError):
            os.kill(record.pid, signal.SIGTERM)
    else:
        with asking(url) as client:
            client.send(server.stop())
    deadline = time.monotonic() + timeout
    while record in records.running() or _answers(found):
        if time.monotonic() > deadline:
            click.echo(f"upsim: {found} has not ended after {timeout:g} seconds.", err=True)
            sys.exit(EXIT_TIMEOUT)
        time.sleep(_POLL_SECONDS)
    click.echo(f"upsim: {found} has ended.", err=True)


def _answers(url: str) -> bool:
    from upsim.trust import servers

    try:
        servers.introduce(url)
    except servers.NoServer:
        return False
    return True
