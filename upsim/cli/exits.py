"""How a command ends: exit codes, and expected errors as one sentence on stderr."""

import sys

import click

EXIT_FAILED = 1
"""What was asked for could not be done."""
EXIT_USAGE = 2
"""The command line or a setting is wrong."""


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
