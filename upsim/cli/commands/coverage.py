"""`upsim coverage`: how much of the service a client has called."""

from collections import Counter
from typing import Any

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.showing import Cell, show_json, show_rows

_COLUMNS: dict[str, Cell] = {"operation": "id", "calls": "calls", "support": "support", "what": "summary"}
_KEPT = 1_000_000


@click.command("coverage")
@click.option("--API", multiple=True, help="graph, entra, registration, ipp or badges.  [default: all]")
@click.option(
    "--show",
    type=click.Choice(["called", "not-called", "not-modelled", "all"]),
    default="called",
    help="Which operations to list.",
)
@of_tenant
@json_option
def command(api: tuple[str, ...], show: str, tenant: str | None, url: str | None, as_json: bool) -> None:
    """Show which operations the journal has calls of, which not, and which upsim does not model.

    The journal is bounded: calls that it has dropped are told on stderr and not counted.
    """
    from upsim.client import journal, server

    with asking_tenant(url, tenant) as (client, where):
        rows = [row for row in client.send(server.operations()) if _is_of(row, api)]
        found = client.send(journal.entries(where, limit=_KEPT))
    calls = Counter(entry["operation"] for entry in found["value"])
    for row in rows:
        row["calls"] = calls[row["id"]]
    parts = _parts(rows)
    if as_json:
        shown = {name: [_short(row) for row in part] for name, part in parts.items()}
        show_json({**shown, "dropped": found["dropped"]})
    else:
        modelled = len(parts["called"]) + len(parts["not-called"])
        wanted = rows if show == "all" else parts[show]
        show_rows(wanted, _COLUMNS, as_json=False)
        click.echo(
            f"{len(parts['called'])} of {modelled} operations called, {len(parts['not-modelled'])} not modelled.",
            err=True,
        )
    if found["dropped"]:
        click.echo(f"upsim: The journal has dropped {found['dropped']} calls, which are not counted.", err=True)


def _is_of(row: dict[str, Any], apis: tuple[str, ...]) -> bool:
    api = row["id"].partition(".")[0]
    return api != "control" and row["access"] != "operator" and (not apis or api in apis)


def _parts(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    parts: dict[str, list[dict[str, Any]]] = {"called": [], "not-called": [], "not-modelled": []}
    for row in rows:
        if row["support"] == "not emulated":
            parts["not-modelled"].append(row)
        else:
            parts["called" if row["calls"] else "not-called"].append(row)
    return parts


def _short(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("id", "method", "path", "calls", "support")}
