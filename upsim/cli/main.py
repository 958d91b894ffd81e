"""The table of commands, and the group that loads a command only when it runs: `upsim --help` imports none.

To add one: a line in `COMMANDS`, and a file in `upsim/cli/commands/` named as the command is (`-` becomes `_`),
which defines a click command or group called `command`.
"""

from importlib import import_module
from typing import Any

import click

from upsim.version import VERSION

COMMANDS = {
    "serve": "Serve every API until Ctrl-C or SIGTERM.",
    "exec": "Run a program that meets upsim where it expects Microsoft.",
    "env": "Print variables that let programs trust a running upsim and lead them to it.",
    "ca": "Export the CA that clients must trust, in the format that they take.",
    "snippets": "Print ready settings for each client of a running upsim, filled with its addresses.",
    "browse": "Open a sign-in address of Microsoft's in the browser, at upsim.",
    "hosts": "Print lines for a hosts file that lead Microsoft's names to upsim, and how to undo them.",
    "doctor": "Check ports, names, proxies, CA trust and clock, and say what to do.",
    "demo": "Print a document through the whole cloud: register, share, print, release.",
    "status": "Show a running upsim: version, addresses, engines, tenants and their clocks.",
    "wait": "Wait until a running upsim is ready, or until something is so.",
    "stop": "Stop a running upsim and wait until it has ended.",
    "logs": "Show what clients did at a tenant, a line a call.",
    "tenant": "Make, reset and delete tenants: one for each test.",
    "user": "List, add, change and remove users of a tenant.",
    "app": "List, add, change and remove applications of a tenant.",
    "printer": "Look at printers, decide their states, and play them over real HTTPS.",
    "share": "Look at the shares of a tenant.",
    "snapshot": "Go back and forth in a tenant's history.",
    "job": "Look at jobs, decide their states, and release those that wait for their owner.",
    "badge": "Give users badges, by which printers with a reader know them.",
    "pull-printer": "Set up pull-print printers (Universal Print Anywhere).",
    "print": "Print a document as a user, over Graph.",
    "tap": "Hold a badge to a printer's reader.",
    "limits": "Show the limits of a tenant and their headroom, or choose others.",
    "clock": "Look at a tenant's clock, stop it, move it, let it run.",
    "inject": "Inject errors, delays and cuts into calls.",
    "journal": "Ask what clients did at a tenant.",
    "seed": "Check seed files, show them, make their tenants on a running upsim.",
    "token": "Forge an access token: any subject, audience, permissions, lifetime, claims, right or wrong key.",
    "key": "Show the short key of a printer's device or of a user, for IPP clients that cannot send tokens.",
    "coverage": "Show which operations the journal has calls of, which not, and which upsim does not model.",
    "config": "Show the settings that 'upsim serve' would run with, and where each comes from.",
    "completion": "Print what makes a shell complete upsim's commands and options.",
    "version": "Show the version of upsim, and of the Python that runs it.",
}
"""Every command with the line that `upsim --help` shows, in the order in which it shows them."""

_CONTEXT = {"help_option_names": ["-h", "--help"], "show_default": True}


class Commands(click.Group):
    """Knows its commands by name and loads each from its own file when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's shape
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"upsim.cli.commands.{cmd_name.replace('-', '_')}")
        found: click.Command = module.command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but a command that does not exist is answered with the nearest one."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            import difflib

            close = difflib.get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            ctx.fail(f"There is no command '{name}'.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings=_CONTEXT)
@click.version_option(VERSION, prog_name="upsim")
def cli() -> None:
    """A local Microsoft Universal Print: Graph, sign-in, registration and IPP on one port, offline.

    Start it with `upsim serve`, then watch a document travel with `upsim demo`.
    """


def main(arguments: list[str] | None = None, **options: Any) -> None:
    """The console script."""
    cli(arguments, **options)
