"""How a command ends: exit codes, and expected errors as one sentence on stderr."""

import sys

import click

EXIT_FAILED = 1
"""What was asked for could not be done."""
EXIT_USAGE = 2
"""The command line or a setting is wrong."""
EXIT_NO_SERVER = 3
"""No upsim answers."""
EXIT_TIMEOUT = 4
"""What was waited for did not come in time."""
EXIT_UNMET = 5
"""It was looked into, and what was expected is not so."""

MEANINGS = {
    0: "It is done.",
    EXIT_FAILED: "It could not be done; stderr says why.",
    EXIT_USAGE: "The command line or a setting is wrong.",
    EXIT_NO_SERVER: "No upsim answers.",
    EXIT_TIMEOUT: "What was waited for did not come in time.",
    EXIT_UNMET: "It was looked into, and what was expected is not so.",
}
"""Every exit code with what it says, for the page of the command line."""


class explained:  # noqa: N801 - reads as a statement
    """Turns expected errors into one sentence on stderr and an exit code."""

    def __init__(self, *errors: type[Exception], code: int = EXIT_FAILED) -> None:
        self._errors = errors
        self._code = code

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, self._errors):
            click.echo(f"upsim: {error}", err=True)
            sys.exit(self._code)
