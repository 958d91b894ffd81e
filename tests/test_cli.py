"""The command line as a shell sees it."""

import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from upsim.cli.main import COMMANDS, cli


def upsim(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "upsim", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def test_help_lists_every_command_and_loads_none() -> None:
    code = "import sys; from upsim.cli.main import main; main(['--help'], standalone_mode=False); "
    code += "print([name for name in sys.modules if name.startswith('upsim.cli.commands') or name == 'aiohttp'])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert all(f"  {name} " in shown.stdout for name in COMMANDS)
    assert shown.stdout.endswith("[]\n")


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_called_as_its_file_and_says_what_the_list_says(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.name == name
    assert command.help is not None
    assert command.help.startswith(COMMANDS[name].rstrip("."))


def test_help_keeps_examples_a_line_each() -> None:
    shown = upsim("inject", "add", "--help").stdout.splitlines()
    assert "      upsim inject add graph.share.job.start --nth 3 --status 503 --retry-after 5" in shown
    assert "      upsim inject add ipp.fetch-job --after printer-offline --times 1" in shown


def every_command(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for each in command.list_commands(context):
            inner = command.get_command(context, each)
            assert inner is not None
            yield from every_command(inner, f"{name} {each}")


def test_no_help_shows_marks_of_how_it_is_laid_out() -> None:
    for name, command in every_command(cli, "upsim"):
        shown = command.get_help(click.Context(command, info_name=name))
        assert "\\b" not in shown, name
        assert "\b" not in shown, name


NO_READS = [
    "serve",
    "exec",
    "demo",
    "stop",
    "browse",
    "completion",
    "print",
    "tap",
    "tenant:delete",
    "user:remove",
    "app:remove",
    "badge:remove",
    "pull-printer:delete",
    "snapshot:delete",
    "printer:run",
    "inject:remove",
    "inject:clear",
    "journal:clear",
    "seed:check",
]
OWN_FORMATS = [
    "env",
    "hosts",
    "snippets",
    "ca:export",
    "snapshot:export",
    "seed:show",
    "journal:har",
    "journal:transcript",
]
"""What they print is made for programs: variables, files, JSON, HAR."""


def commands_of(command: click.Command, name: str = "") -> dict[str, click.Command]:
    if not isinstance(command, click.Group):
        return {name: command}
    context = click.Context(command)
    children = {each: command.get_command(context, each) for each in command.list_commands(context)}
    return {
        path: found
        for each, child in children.items()
        if child is not None
        for path, found in commands_of(child, f"{name}:{each}" if name else each).items()
    }


def test_every_command_that_reads_gives_json() -> None:
    without = {
        name
        for name, command in commands_of(cli).items()
        if not any("--json" in parameter.opts for parameter in command.params)
    }
    assert without == {*NO_READS, *OWN_FORMATS}


def test_personas_are_listed_for_people_and_for_programs() -> None:
    text = upsim("printer", "personas")
    assert text.stdout.splitlines()[0].split() == ["NAME", "DESCRIPTION"]
    listed = json.loads(upsim("printer", "personas", "--json").stdout)
    assert {"ideal", "jams"} <= {each["name"] for each in listed}
    assert all(each["description"] in text.stdout for each in listed)


def test_a_command_that_is_not_there_is_answered_with_the_nearest() -> None:
    asked = upsim("sevre")
    assert asked.returncode == 2
    assert "There is no command 'sevre'. Did you mean 'serve'?" in asked.stderr
