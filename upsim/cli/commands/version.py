"""`upsim version`: which upsim this is."""

import click

from upsim.cli.asking import json_option
from upsim.cli.showing import show_fields


@click.command("version")
@json_option
def command(as_json: bool) -> None:
    """Show the version of upsim, and of the Python that runs it."""
    import platform

    from upsim.version import VERSION

    show_fields({"upsim": VERSION, "python": platform.python_version()}, as_json=as_json)
