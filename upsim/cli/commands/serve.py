"""`upsim serve`: run the server in the foreground."""

import sys
from typing import Any

import click

from upsim.cli.exits import EXIT_USAGE, explained
from upsim.cli.setting_flags import given, setting_flags


@click.command("serve")
@setting_flags
def command(config_file: str | None, **flags: Any) -> None:
    """Serve every API until Ctrl-C or SIGTERM.

    Every option is also an UPSIM_... variable and a key of upsim.toml; a flag wins over a variable, a variable
    over the file.
    """
    from pathlib import Path

    from upsim import config

    with explained(config.ConfigError, code=EXIT_USAGE):
        settings = config.load(given(flags), file=Path(config_file) if config_file else None)
        if settings.workers > 1:
            _run_workers(settings)
        else:
            from upsim import serving

            serving.run(settings)


def _run_workers(settings: Any) -> None:
    from upsim import workers

    try:
        workers.run(settings)
    except workers.WorkersError as error:  # the worker itself has said why
        sys.exit(error.code)
