"""`upsim config`: the settings that a server would run with."""

from typing import Any

import click

from upsim.cli.asking import json_option
from upsim.cli.exits import EXIT_USAGE, explained
from upsim.cli.setting_flags import given, setting_flags
from upsim.cli.showing import Cell, show_rows

_HIDDEN = "(secret)"


@click.group("config")
def command() -> None:
    """Show the settings that 'upsim serve' would run with, and where each comes from."""


@command.command("show")
@click.option("--origin", is_flag=True, help="Show where each value comes from.")
@json_option
@setting_flags
def show(config_file: str | None, origin: bool, as_json: bool, **flags: Any) -> None:
    """Show every setting. Takes the flags of 'upsim serve', and does not start it."""
    from pathlib import Path

    from upsim import config

    with explained(config.ConfigError, code=EXIT_USAGE):
        settings, origins = config.load_with_origins(given(flags), file=Path(config_file) if config_file else None)
    rows = []
    for option in config.options():
        value = getattr(settings, option.name)
        row = {"name": option.key, "value": _HIDDEN if option.is_secret and value else value}
        if origin:
            kind, name = origins[option.name]
            row |= {"origin": kind, "where": name}
        rows.append(row)
    columns: dict[str, Cell] = {"name": "name", "value": "value"}
    if origin:
        columns |= {"origin": "origin", "where": "where"}
    show_rows(rows, columns, as_json=as_json)
