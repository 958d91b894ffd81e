"""`upsim exec`: a program whose calls to Microsoft's hosts reach upsim."""

import sys
from typing import Any

import click

from upsim.cli.exits import EXIT_NO_SERVER, EXIT_USAGE, explained

_OWN_SERVER = {"port": 0, "http_port": 0, "listen_443": False, "proxy_port": "off", "workers": 1}
"""Whatever the user's variables say of other servers."""


@click.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--url", help="A running upsim; without it one is started on free ports.")
@click.option("--allow", "allowed", multiple=True, help="A host that the program may call: NAME, *.DOMAIN, or *.")
@click.option(
    "--seed",
    help="File with the tenants to begin with, or the name of a shipped seed.  [default: the Contoso sample]",
)
@click.option("--data", help="Folder that keeps the state; without it, it ends with the program.")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]), default="warning")
@click.option("--quiet", "-q", is_flag=True, help="Say nothing of one's own.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def command(
    command: tuple[str, ...], url: str | None, allowed: tuple[str, ...], quiet: bool, **flags: Any
) -> None:
    """Run a program that meets upsim where it expects Microsoft.

    Starts upsim on free ports, or uses the one at --url, and runs COMMAND with variables that lead it there: a
    proxy for Microsoft's login, Graph and Universal Print host names (public and government clouds), the CA to
    trust, AZURE_AUTHORITY_HOST and UPSIM_URL. Nothing on the machine is changed. Every other host of Microsoft's
    is refused; so are all hosts but this machine unless --allow names them. Exits as COMMAND does.

    \b
        upsim exec -- python my_app.py
        upsim exec -- npm test
    """
    from upsim import config
    from upsim.trust import execution, servers

    given = {name: value for name, value in flags.items() if value is not None}
    with (
        explained(config.ConfigError, code=EXIT_USAGE),
        explained(servers.NoServer, code=EXIT_NO_SERVER),
    ):
        settings = config.load({**given, **_OWN_SERVER})
        invocation = execution.Invocation(command, settings, url and url.rstrip("/"), allowed, quiet)
        try:
            code = execution.run(invocation)
        except execution.NotStarted as error:
            click.echo(f"upsim: {error}", err=True)
            code = error.code
    sys.exit(code)
