"""The command line as a shell sees it."""

import subprocess
import sys

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


def test_a_command_that_is_not_there_is_answered_with_the_nearest() -> None:
    asked = upsim("sevre")
    assert asked.returncode == 2
    assert "There is no command 'sevre'. Did you mean 'serve'?" in asked.stderr
