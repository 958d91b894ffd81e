"""`upsim limits`: what the service would refuse, and how far that is."""

import click

from upsim.cli.asking import asking_tenant, json_option, of_tenant
from upsim.cli.showing import Cell, show_json, show_rows

_COLUMNS: dict[str, Cell] = {
    "limit": "name",
    "value": "value",
    "published": "published",
    "seconds": "windowSeconds",
    "what": "what",
}
_HEADROOM: dict[str, Cell] = {"of": "of", "limit": "name", "used": "used", "left": "left", "value": "value"}


@click.command("limits")
@click.option("--headroom", is_flag=True, help="Show what is used and left, of whatever has used any.")
@click.option("--profile", type=click.Choice(["service", "off"]), help="Choose the published limits, or none.")
@click.option("--scale", type=click.FloatRange(min=0, min_open=True), help="Multiply all limits by this.")
@click.option("--set", "own", multiple=True, metavar="NAME=VALUE", help="Choose one limit.")
@of_tenant
@json_option
def command(
    headroom: bool,
    profile: str | None,
    scale: float | None,
    own: tuple[str, ...],
    tenant: str | None,
    url: str | None,
    as_json: bool,
) -> None:
    """Show the limits of a tenant and their headroom, or choose others.

    \b
        upsim limits --scale 0.02
        upsim limits --set jobs-per-user=3 --headroom
    """
    from upsim.cli.directory_group import members_of
    from upsim.client import limits, settings

    chosen = {"profile": profile, "scale": scale, "own": members_of(own) or None}
    with asking_tenant(url, tenant) as (client, where):
        if wanted := {name: value for name, value in chosen.items() if value is not None}:
            if "own" in wanted:
                before = client.send(settings.get(where))["limits"]["own"]
                wanted["own"] = {**before, **members_of(own)}
            client.send(settings.change(where, {"limits": wanted}))
        found = client.send(limits.get(where))
    if as_json:
        show_json(found)
    elif headroom:
        rows = [{"of": "tenant", **each} for each in found["tenant"]]
        for kind in ("printers", "users", "applications"):
            rows += [{"of": name, **each} for name, standing in found[kind].items() for each in standing]
        show_rows([row for row in rows if row["used"]], _HEADROOM, as_json=False)
    else:
        show_rows(found["limits"], _COLUMNS, as_json=False)
