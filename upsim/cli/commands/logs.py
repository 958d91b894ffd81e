"""`upsim logs`: what clients do, as it happens."""

from contextlib import suppress

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.journal_lines import line

_WAIT_SECONDS = 60.0


@click.command("logs")
@click.option("--lines", "-n", type=click.IntRange(min=1), default=50, help="The last so many.")
@click.option("--follow", "-f", is_flag=True, help="Go on until Ctrl-C.")
@click.option("--refusals", is_flag=True, help="The audit log instead: refused sign-ins, with why.")
@of_tenant
@json_option
def command(lines: int, follow: bool, refusals: bool, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Show what clients did at a tenant, a line a call.

    With --json a JSON object a line. '--tenant -' shows calls that belong to no tenant.
    """
    import json

    from upsim.client import journal, tokens

    if refusals and follow:
        raise click.UsageError("--refusals are not followed.")
    with asking_tenant(url, tenant) as (client, where), suppress(KeyboardInterrupt):
        if refusals:
            newest_first = client.send(tokens.refusals(where, lines))
            for each in newest_first[::-1]:
                text = f"{each['at'][11:23]} {each['operation']} {each['user'] or '-'} AADSTS{each['number']}"
                click.echo(json.dumps(each) if as_json else f"{text} {each['reason']}: {each['detail']}")
            return
        found = client.send(journal.entries(where, limit=lines))
        while True:
            for each in found["value"]:
                click.echo(json.dumps(each) if as_json else line(each))
            if not follow:
                return
            last = found["last"]
            found = client.send(journal.wait(where, since=last, timeout_seconds=_WAIT_SECONDS))
