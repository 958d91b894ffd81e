"""`upsim serve`: run the server in the foreground."""

import sys
from typing import Any

import click

from upsim.cli.exits import EXIT_USAGE, explained


@click.command("serve")
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="HTTPS port; 0 takes a free one.  [default: 8443]")
@click.option("--http-port", help="Plain HTTP port, 0 for a free one, or 'off'.  [default: 8080]")
@click.option("--listen-443", is_flag=True, default=None, help="Listen on port 443 too, for `upsim hosts`.")
@click.option("--proxy-port", help="Port of a proxy that leads Microsoft's hosts here, or 'off'.  [default: off]")
@click.option("--proxy-allow", help="Other hosts that the proxy may call, with commas between; never Microsoft's.")
@click.option("--data", help="Folder that keeps the state; without it, it ends with the process.")
@click.option("--store", help="postgresql://...: share the state with other servers.")
@click.option("--documents", help="s3://bucket/prefix?endpoint=...: keep documents there.  [default: in --data]")
@click.option("--store-connections", type=int, help="Connections to a shared store.  [default: 8]")
@click.option("--store-timeout-seconds", type=float, help="How long to wait for a shared store.  [default: 5]")
@click.option("--node", help="Name of this server in logs and metrics.  [default: HOST-PID]")
@click.option("--workers", type=int, help="Processes that share the port; needs --store.  [default: 1]")
@click.option("--reuse-port", is_flag=True, default=None, help="Listen although others listen on the port too.")
@click.option("--seed", help="TOML file with the tenants to begin with.  [default: the Contoso sample]")
@click.option("--random-seed", help="Any text; what is random follows from it, so that answers repeat.")
@click.option("--public-url", help="Scheme and host that absolute URLs start with.")
@click.option("--print-json", is_flag=True, default=None, help="Print one JSON line on stdout when ready.")
@click.option("--ready-file", help="Write the same JSON to this file when ready.")
@click.option("--metrics", is_flag=True, default=None, help="Serve metrics for Prometheus at /_upsim/metrics.")
@click.option("--log-format", type=click.Choice(["text", "json"]), help="[default: text]")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="[default: info]")
@click.option("--config", "config_file", type=click.Path(), help="Settings file.  [default: upsim.toml]")
def command(config_file: str | None, **flags: Any) -> None:
    """Serve every face until Ctrl-C or SIGTERM.

    Every option is also an UPSIM_... variable and a key of upsim.toml; a flag wins over a variable, a variable
    over the file.
    """
    from pathlib import Path

    from upsim import config

    given = {name: value for name, value in flags.items() if value is not None}
    with explained(config.ConfigError, code=EXIT_USAGE):
        settings = config.load(given, file=Path(config_file) if config_file else None)
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
