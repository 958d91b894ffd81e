"""`upsim inject`: what shall happen to which calls."""

import json
from typing import Any

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.durations import Duration
from upsim.cli.showing import Cell, show_fields, show_rows

_COLUMNS: dict[str, Cell] = {
    "id": "id",
    "name": "name",
    "operation": lambda rule: rule.get("operation", "*"),
    "met": "met",
    "fired": "fired",
}


@click.group("inject")
def command() -> None:
    """Inject errors, delays and cuts into calls."""


@command.command("list")
@of_tenant
@json_option
def list_all(tenant: str | None, url: str | None, as_json: bool) -> None:
    """List the injections that stand, with how often they happened."""
    from upsim.client import injections

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(injections.list_all(where))
    show_rows(found, _COLUMNS, as_json=as_json)


@command.command("show")
@click.argument("injection")
@of_tenant
@json_option
def show(injection: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Show an injection, by id or name."""
    from upsim.client import injections

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(injections.get(where, injection))
    show_fields(found, as_json=as_json)


@command.command("add")
@click.argument("operation")
@click.option("--name", help="For people.")
@click.option("--printer", help="Only calls about this printer, by id.")
@click.option("--user", help="Only calls of this user.")
@click.option("--nth", type=click.IntRange(min=1), help="Only the n-th of these calls.")
@click.option("--every", type=click.IntRange(min=1), help="Every second, third ...")
@click.option("--start", type=click.IntRange(min=1), help="From the n-th on.")
@click.option("--times", type=click.IntRange(min=1), help="At most so often.")
@click.option("--probability", type=click.FloatRange(0, 1, min_open=True), help="By chance.")
@click.option("--seed", type=int, help="Makes chance repeatable.")
@click.option("--for", "seconds", type=Duration(), help="How long it stands, on the tenant's clock.")
@click.option("--status", type=click.IntRange(400, 599), help="HTTP status to answer.")
@click.option("--code", help="The dialect's own word: Graph's error code, an IPP status keyword, OAuth's error.")
@click.option("--retry-after", type=click.IntRange(min=0), help="Seconds.")
@click.option("--delay", "delay_seconds", type=Duration(), help="Real time before it goes on.")
@click.option("--connection", type=click.Choice(["reset", "tls-abort"]), help="Instead of an answer.")
@click.option("--webhook", type=click.Choice(["lose", "duplicate", "reorder"]), help="With webhook.deliver.")
@click.option("--expire-token", is_flag=True, default=None, help="As if the caller's token had just expired.")
@click.option("--before", multiple=True, help="What happens first, such as printer-offline.")
@click.option("--after", multiple=True, help="What happens then, such as job-abort.")
@click.option("--rule", help="Further members, as JSON.")
@of_tenant
@json_option
def add(
    operation: str,
    status: int | None,
    code: str | None,
    retry_after: int | None,
    rule: str | None,
    tenant: str | None,
    url: str | None,
    as_json: bool,
    **members: Any,
) -> None:
    """Inject into calls of OPERATION (see 'upsim coverage'; * for anything).

    \b
        upsim inject add graph.share.job.start --nth 3 --status 503 --retry-after 5
        upsim inject add ipp.fetch-job --after printer-offline --times 1
    """
    from upsim.client import injections

    answer = {"status": status, "code": code, "retryAfterSeconds": retry_after}
    members |= {"delaySeconds": members.pop("delay_seconds"), "expireToken": members.pop("expire_token")}
    wanted = {name: value for name, value in members.items() if value not in {None, ()}}
    if given := {name: value for name, value in answer.items() if value is not None}:
        wanted["answer"] = given
    with asking_tenant(url, tenant) as (client, where):
        made = client.send(injections.inject(where, {"operation": operation, **wanted, **_members(rule)}))
    show_fields(made, as_json=as_json)


@command.command("remove")
@click.argument("injection")
@of_tenant
def remove(injection: str, tenant: str | None, url: str | None) -> None:
    """Remove an injection, by id or name."""
    from upsim.client import injections

    with asking_tenant(url, tenant) as (client, where):
        client.send(injections.remove(where, injection))


@command.command("clear")
@of_tenant
def clear(tenant: str | None, url: str | None) -> None:
    """Remove all injections; printers that were cut off may speak again."""
    from upsim.client import injections

    with asking_tenant(url, tenant) as (client, where):
        client.send(injections.remove_all(where))


def _members(rule: str | None) -> dict[str, Any]:
    try:
        found = json.loads(rule) if rule else {}
    except ValueError as error:
        raise click.UsageError(f"--rule is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise click.UsageError("--rule is a JSON object.")
    return found
