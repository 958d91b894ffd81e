"""`upsim journal`: what clients did."""

import json
import sys
from typing import Any

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.choosing import choosing
from upsim.cli.durations import Duration
from upsim.cli.exits import EXIT_UNMET
from upsim.cli.journal_lines import line
from upsim.cli.showing import show_json


@click.group("journal")
def command() -> None:
    """Ask what clients did at a tenant."""


@command.command("list")
@click.option("--limit", type=click.IntRange(min=1), default=200, help="The newest of them.")
@click.option("--messages", is_flag=True, help="With headers and bodies (JSON only).")
@of_tenant
@json_option
@choosing
def list_all(
    limit: int, messages: bool, tenant: str | None, url: str | None, as_json: bool, which: dict[str, Any]
) -> None:
    """List calls, oldest first."""
    from upsim.client import journal

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(journal.entries(where, limit=limit, messages=messages, **which))
    if as_json or messages:
        show_json(found["value"])
        return
    for entry in found["value"]:
        click.echo(line(entry))


@command.command("show")
@click.argument("number", type=int)
@of_tenant
@json_option
def show(number: int, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Show a call with its messages, IPP by attributes."""
    from upsim.client import journal

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(journal.entry(where, number))
    if not as_json:
        click.echo(line(found))
    show_json(found if as_json else {name: found[name] for name in ("request", "response")})


@command.command("count")
@of_tenant
@json_option
@choosing
def count(tenant: str | None, url: str | None, as_json: bool, which: dict[str, Any]) -> None:
    """Count calls."""
    from upsim.client import journal

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(journal.count(where, **which))
    show_json({"count": found}) if as_json else click.echo(found)


@command.command("verify")
@click.argument("expected", nargs=-1, required=True)
@click.option("--in-order", is_flag=True, help="In the order in which they are named.")
@click.option("--timeout", type=Duration(), default=0.0, help="How long to wait for it.")
@of_tenant
@json_option
def verify(
    expected: tuple[str, ...], in_order: bool, timeout: float, tenant: str | None, url: str | None, as_json: bool
) -> None:
    """Check that calls were made; exit 5 where they were not, with the nearest calls and how they differ.

    EXPECTED is an operation, optionally with =TIMES, or a JSON object of a match.

    \b
        upsim journal verify graph.share.job.start=1 ipp.acknowledge-job --in-order
        upsim journal verify '{"operation": "graph.*", "status": "429", "times": 2}'
    """
    from upsim.client import journal

    wanted = [_expectation(each) for each in expected]
    with asking_tenant(url, tenant) as (client, where):
        found = client.send(journal.verify(where, wanted, in_order=in_order, timeout_seconds=timeout))
    if as_json:
        show_json(found)
    else:
        for finding in found["findings"]:
            click.echo(
                f"{'ok   ' if finding['met'] else 'UNMET'}  {json.dumps(finding['expected'])}: {finding['count']}"
            )
            for near in () if finding["met"] else finding["nearest"]:
                click.echo(f"         near: {near['line']}  {json.dumps(near['differs'])}")
    if not found["met"]:
        sys.exit(EXIT_UNMET)


@command.command("har")
@of_tenant
@choosing
def har(tenant: str | None, url: str | None, which: dict[str, Any]) -> None:
    """Print calls as an HTTP Archive."""
    from upsim.client import journal

    with asking_tenant(url, tenant) as (client, where):
        show_json(client.send(journal.har(where, **which)))


@command.command("transcript")
@of_tenant
@choosing
def transcript(tenant: str | None, url: str | None, which: dict[str, Any]) -> None:
    """Print calls to read."""
    from upsim.client import journal

    with asking_tenant(url, tenant) as (client, where):
        click.echo(client.send(journal.transcript(where, **which)), nl=False)


@command.command("clear")
@of_tenant
def clear(tenant: str | None, url: str | None) -> None:
    """Forget all calls."""
    from upsim.client import journal

    with asking_tenant(url, tenant) as (client, where):
        client.send(journal.clear(where))


def _expectation(text: str) -> dict[str, Any]:
    if text.startswith("{"):
        try:
            found: dict[str, Any] = json.loads(text)
        except ValueError as error:
            raise click.UsageError(f"{text} is not JSON: {error}.") from error
        return found
    operation, equals, times = text.partition("=")
    if equals and not times.isdigit():
        raise click.UsageError(f"'{text}' is not OPERATION=TIMES.")
    return {"operation": operation, "times": int(times)} if equals else {"operation": operation}
