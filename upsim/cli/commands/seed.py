"""`upsim seed`: files with the tenants to begin with."""

from typing import Any

import click

from upsim.cli.asking import asking, json_option, of_server
from upsim.cli.exits import EXIT_UNMET, explained
from upsim.cli.showing import Cell, show_json, show_rows

_APPLIED: dict[str, Cell] = {
    "id": "tenant.id",
    "domain": "tenant.domain",
    "users": lambda row: len(row["users"]),
    "applications": lambda row: len(row["applications"]),
}


@click.group("seed")
def command() -> None:
    """Check seed files, show them, make their tenants on a running upsim."""


@command.command("list")
@json_option
def list_all(as_json: bool) -> None:
    """List the seeds that come with upsim."""
    from upsim.shipped import fixtures

    rows = [{"name": path.stem, "file": str(path)} for path in sorted(fixtures().glob("*.toml"))]
    show_rows(rows, {"name": "name", "file": "file"}, as_json=as_json)


@command.command("show")
@click.argument("seed")
def show(seed: str) -> None:
    """Print a seed as JSON. SEED is a file or the name of one that comes with upsim."""
    show_json(_read(seed))


@command.command("check")
@click.argument("seed")
def check(seed: str) -> None:
    """Check that a seed can be used, by starting upsim with it for a moment; exit 5 where it cannot."""
    import asyncio

    from upsim.app import serve
    from upsim.config import ConfigError, Settings

    async def start() -> int:
        async with serve(Settings(port=0, http_port="off", seed=seed)) as running:
            return len(running.tenants)

    with explained(ConfigError, code=EXIT_UNMET):
        count = asyncio.run(start())
    click.echo(f"upsim: {seed} is a seed of {count} tenant{'s' if count != 1 else ''}.", err=True)


@command.command("apply")
@click.argument("seed")
@of_server
@json_option
def apply(seed: str, url: str | None, as_json: bool) -> None:
    """Make the tenants of a seed on a running upsim."""
    from upsim.client import tenants

    with asking(url) as client:
        made = [client.send(tenants.plant(each)) for each in _read(seed).get("tenants", [])]
    show_rows(made, _APPLIED, as_json=as_json)


def _read(seed: str) -> dict[str, Any]:
    from upsim.server.seed_files import SeedError, open_file
    from upsim.shipped import seed_path

    with explained(OSError, SeedError, code=EXIT_UNMET):
        found: dict[str, Any] = open_file(seed_path(seed)).as_json()
    return found
