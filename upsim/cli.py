"""The command line. Every command imports what it needs when it runs, so that `--help` is quick."""

import sys
from typing import Any

import click

from upsim import __version__

EXIT_FAILED = 1
EXIT_USAGE = 2

_CONTEXT = {"help_option_names": ["-h", "--help"], "show_default": True}


@click.group(context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="upsim")
def cli() -> None:
    """A local Microsoft Universal Print: Graph, sign-in, registration and IPP on one port, offline.

    Start it with `upsim serve`, then watch a document travel with `upsim demo`.
    """


@cli.command()
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="HTTPS port; 0 takes a free one.  [default: 8443]")
@click.option("--http-port", help="Plain HTTP port, 0 for a free one, or 'off'.  [default: 8080]")
@click.option("--data", help="Folder that keeps the state; without it, it ends with the process.")
@click.option("--store", help="postgresql://...: share the state with other servers; needs --data for documents.")
@click.option("--store-connections", type=int, help="Connections to a shared store.  [default: 8]")
@click.option("--store-timeout-seconds", type=float, help="How long to wait for a shared store.  [default: 5]")
@click.option("--seed", help="TOML file with the tenants to begin with.  [default: the Contoso sample]")
@click.option("--public-url", help="Scheme and host that absolute URLs start with.")
@click.option("--print-json", is_flag=True, default=None, help="Print one JSON line on stdout when ready.")
@click.option("--ready-file", help="Write the same JSON to this file when ready.")
@click.option("--log-format", type=click.Choice(["pretty", "json"]), help="[default: pretty]")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), help="[default: info]")
@click.option("--config", "config_file", type=click.Path(), help="Settings file.  [default: upsim.toml]")
def serve(config_file: str | None, **flags: Any) -> None:
    """Serve every face until Ctrl-C or SIGTERM.

    Every option is also an UPSIM_... variable and a key of upsim.toml; a flag wins over a variable, a variable
    over the file.
    """
    from pathlib import Path

    from upsim import config, serving

    given = {name: value for name, value in flags.items() if value is not None}
    with explained(config.ConfigError):
        settings = config.load(given, file=Path(config_file) if config_file else None)
        serving.run(settings)


@cli.command()
@click.option("--file", "document", type=click.Path(exists=True, dir_okay=False), help="The PDF to print.")
@click.option("--url", help="A running upsim; default: the one on this machine, else one is started.")
@click.option("--save", type=click.Path(), help="Where to save the document that the printer fetched.")
def demo(document: str | None, url: str | None, save: str | None) -> None:
    """Print a document through the whole cloud: register, share, print, release.

    Acts as an administrator, a user and a printer with a certificate of its own, over real HTTPS, and proves
    at the end that the printer got the very bytes that the user sent.
    """
    from pathlib import Path

    from upsim.demo import DemoError, run

    with explained(DemoError):
        run(document=Path(document) if document else None, url=url, save=Path(save) if save else None)


class explained:  # noqa: N801 - reads as a statement
    """Turns an expected error into one sentence on stderr and an exit code."""

    def __init__(self, *errors: type[Exception]) -> None:
        self._errors = errors

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, self._errors):
            click.echo(f"upsim: {error}", err=True)
            sys.exit(EXIT_USAGE if type(error).__name__ == "ConfigError" else EXIT_FAILED)


def main() -> None:
    """The console script."""
    cli()
