"""`upsim fault`: what shall go wrong."""

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


@click.group("fault")
def command() -> None:
    """Impose faults on calls, and lift them."""


@command.command("list")
@of_tenant
@json_option
def list_all(tenant: str | None, url: str | None, as_json: bool) -> None:
    """List the faults that stand, with how often they happened."""
    from upsim.client import faults

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(faults.list_all(where))
    show_rows(found, _COLUMNS, as_json=as_json)


@command.command("show")
@click.argument("fault")
@of_tenant
@json_option
def show(fault: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Show a fault, by id or name."""
    from upsim.client import faults

    with asking_tenant(url, tenant) as (client, where):
        found = client.send(faults.get(where, fault))
    show_fields(found, as_json=as_json)


@command.command("impose")
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
def impose(
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
    """Impose a fault on calls of OPERATION (see 'upsim coverage'; * for anything).

    \b
        upsim fault impose graph.share.job.start --nth 3 --status 503 --retry-after 5
        upsim fault impose ipp.fetch-job --after printer-offline --times 1
    """
    from upsim.client import faults

    answer = {"status": status, "code": code, "retryAfterSeconds": retry_after}
    members |= {"delaySeconds": members.pop("delay_seconds"), "expireToken": members.pop("expire_token")}
    wanted = {name: value for name, value in members.items() if value not in {None, ()}}
    if given := {name: value for name, value in answer.items() if value is not None}:
        wanted["answer"] = given
    with asking_tenant(url, tenant) as (client, where):
        made = client.send(faults.impose(where, {"operation": operation, **wanted, **_members(rule)}))
    show_fields(made, as_json=as_json)


@command.command("lift")
@click.argument("fault")
@of_tenant
def lift(fault: str, tenant: str | None, url: str | None) -> None:
    """Take a fault away, by id or name."""
    from upsim.client import faults

    with asking_tenant(url, tenant) as (client, where):
        client.send(faults.lift(where, fault))


@command.command("clear")
@of_tenant
def clear(tenant: str | None, url: str | None) -> None:
    """Take all faults away; printers that were cut off may speak again."""
    from upsim.client import faults

    with asking_tenant(url, tenant) as (client, where):
        client.send(faults.lift_all(where))


def _members(rule: str | None) -> dict[str, Any]:
    try:
        found = json.loads(rule) if rule else {}
    except ValueError as error:
        raise click.UsageError(f"--rule is not JSON: {error}.") from error
    if not isinstance(found, dict):
        raise click.UsageError("--rule is a JSON object.")
    return found
