"""`upsim wait`: until something is so."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.durations import Duration
from upsim.cli.exits import EXIT_TIMEOUT, explained
from upsim.cli.showing import show_fields

if TYPE_CHECKING:
    from upsim.client import Client

_POLL_SECONDS = 0.1


@click.command("wait")
@click.option("--timeout", type=Duration(), default="60s", help="How long to wait, in real time.")
@click.option("--job", help="Wait for this job ...")
@click.option("--printer", help="... or this printer ...")
@click.option("--state", help="... to be in this state; a job without it: to have ended.")
@click.option("--operation", help="Wait for a call of this operation, such as 'graph.*.job.start'.")
@click.option("--count", type=click.IntRange(min=1), default=1, help="So many calls of it, earlier ones included.")
@of_tenant
@json_option
def command(
    timeout: float,
    job: str | None,
    printer: str | None,
    state: str | None,
    operation: str | None,
    count: int,
    tenant: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Wait until a running upsim is ready, or until something is so.

    Exits 4 when the time is up.

    \b
        upsim wait --timeout 30s
        upsim wait --job 12 --state completed
        upsim wait --operation 'ipp.acknowledge-job' --count 2
    """
    if sum(each is not None for each in (job, printer, operation)) > 1:
        raise click.UsageError("Wait for one thing: --job, --printer or --operation.")
    if state and not (job or printer):
        raise click.UsageError("--state is that of a --job or a --printer.")
    if printer and not state:
        raise click.UsageError("--printer needs the --state to wait for.")
    deadline = time.monotonic() + timeout
    _until_ready(url, deadline)
    with asking_tenant(url, tenant) as (client, where):
        if operation:
            found = _call(client, where, operation, count, deadline)
        elif job or printer:
            found = _until(_look(client, where, job, printer, state), deadline)
        else:
            found = {"status": "ready", "url": client.url}
    show_fields(found, as_json=as_json)


def _until_ready(url: str | None, deadline: float) -> None:
    from upsim.trust import servers

    while True:
        try:
            with_server = servers.introduce(servers.find_url(url))
            servers.fetch(f"{with_server.https}/_upsim/readyz", servers.trusting(with_server))
        except (servers.NoServer, OSError) as error:
            if time.monotonic() >= deadline:
                with explained(servers.NoServer, OSError, code=EXIT_TIMEOUT):
                    raise servers.NoServer(f"upsim was not ready in time. {error}") from error
            time.sleep(_POLL_SECONDS)
        else:
            return


def _look(
    client: "Client", tenant: str, job: str | None, printer: str | None, state: str | None
) -> Callable[[], tuple[dict[str, Any], bool]]:
    from upsim.client import printing

    def look() -> tuple[dict[str, Any], bool]:
        found = client.send(printing.job(tenant, job) if job else printing.printer(tenant, printer or ""))
        return found, (found["state"] == state if state else found["endedAt"] is not None)

    return look


def _until(look: Callable[[], tuple[dict[str, Any], bool]], deadline: float) -> dict[str, Any]:
    while True:
        found, is_so = look()
        if is_so:
            return found
        if time.monotonic() >= deadline:
            _give_up(f"is still {found['state']}")
        time.sleep(_POLL_SECONDS)


def _call(client: "Client", tenant: str, operation: str, count: int, deadline: float) -> dict[str, Any]:
    from upsim.client import journal

    left = max(0.0, min(deadline - time.monotonic(), 300.0))
    waited = client.send(journal.wait(tenant, operation=operation, count=count, timeout_seconds=left))
    if not waited["met"]:
        _give_up(f"there were {waited['count']} calls of {operation}")
    return {"operation": operation, "count": waited["count"]}


def _give_up(why: str) -> None:
    click.echo(f"upsim: The time is up: {why}.", err=True)
    sys.exit(EXIT_TIMEOUT)
