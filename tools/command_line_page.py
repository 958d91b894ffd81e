"""docs/reference/cli.md and settings.md, from click's commands and the table of settings."""

import inspect

import click

from upsim.cli.exits import MEANINGS
from upsim.cli.main import COMMANDS, cli
from upsim.config import FILE_NAME, NOT_OPTIONS, options

_HEAD = """# Command line

Generated from the commands by `make docs`; do not edit.

Data goes to stdout, everything else to stderr. Commands that read take `--json`. Tables have lines and colours on
a terminal only, and no colours where `NO_COLOR` is set.

**Which server.** `--url`, else `UPSIM_URL`, else the server that runs here, else `https://localhost:8443`.
`upsim serve` leaves a small file in `~/.local/state/upsim/servers` (`XDG_STATE_HOME`) while it runs, so it
is found on whatever port it listens. Of several servers that run here the one on port 8443 is meant; without one
the command asks you to name one. A server with a control key is asked with `UPSIM_CONTROL_KEY`, else with the key
of that file.

**Which tenant.** `--tenant`, else `UPSIM_TENANT`, else the server's first.

**Completion.** `eval "$(upsim completion bash)"`, or zsh; `upsim completion fish`. It is click's:
`_UPSIM_COMPLETE=bash_source upsim` prints the same.
"""


def command_line() -> str:
    """Return every command with its arguments and options, and the exit codes."""
    root = click.Context(cli, info_name="upsim")
    parts = [_HEAD, _exit_codes()]
    for name, said in COMMANDS.items():
        command = cli.get_command(root, name)
        assert command is not None
        parts.append(f"## upsim {name}\n\n{said}\n\n{_described(command, f'upsim {name}', root)}")
    return "\n".join(parts)


def _exit_codes() -> str:
    rows = "".join(f"| {code} | {meaning} |\n" for code, meaning in MEANINGS.items())
    return f"## Exit codes\n\n| code | what it says |\n|---|---|\n{rows}\n`upsim exec` ends as its program does.\n"


def _described(command: click.Command, called: str, parent: click.Context) -> str:
    context = click.Context(command, info_name=called.rsplit(maxsplit=1)[-1], parent=parent)
    text = ""
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            said = inspect.cleandoc(inner.help or "").replace("\b\n", "").partition("\n\n")[0].replace("\n", " ")
            text += f"### {called} {name}\n\n{said}\n\n{_described(inner, f'{called} {name}', context)}"
        return text
    if called == "upsim serve":
        return "Its options are the [settings](settings.md).\n"
    usage = " ".join([called, *command.collect_usage_pieces(context)])
    rows = "".join(map(_row, command.params))
    table = f"\n| option | what it is |\n|---|---|\n{rows}" if rows else ""
    return f"`{usage}`\n{table}\n"


def _row(parameter: click.Parameter) -> str:
    if not isinstance(parameter, click.Option):
        return ""
    names = ", ".join(f"`{name}`" for name in [*parameter.opts, *parameter.secondary_opts])
    choices = f" ({', '.join(parameter.type.choices)})" if isinstance(parameter.type, click.Choice) else ""
    text = " ".join(((parameter.help or "") + choices).split())
    return f"| {names} | {_escaped(text)} |\n"


def settings() -> str:
    """Return every setting by its three names."""
    rows = "".join(
        f"| `{each.flag}` | `{each.variable}` | `{each.key}` | {_escaped(each.default_text)} "
        f"| {_escaped(each.description)} |\n"
        for each in options()
    )
    others = ", ".join(f"`{name}`" for name in sorted(NOT_OPTIONS))
    return (
        "# Settings of the server\n\nGenerated from `upsim/config.py` by `make docs`; do not edit.\n\n"
        f"Each is a flag of `upsim serve`, a variable, and a key of `{FILE_NAME}` (in the current folder, or the "
        "file that `--config` or `UPSIM_CONFIG` names). A flag wins over a variable, a variable over the file, "
        "the file over the default. `upsim config show --origin` says where each value comes from. A key or an "
        "`UPSIM_` variable that is not known is an error, with the nearest name.\n\n"
        f"| flag | variable | key | default | what it is |\n|---|---|---|---|---|\n{rows}\n"
        f"Variables that are no settings: {others}.\n"
    )


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<").replace("*", "\\*")
