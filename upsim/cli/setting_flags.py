"""The settings as flags: one for each row of the table in `upsim.config`."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar, get_args, get_origin

import click

from upsim.config import Option, options

F = TypeVar("F", bound=Callable[..., Any])


def setting_flags(function: F) -> F:
    """Give a command a flag for every setting, and `--config`. A flag that is not given is None."""
    function = click.option(
        "--config", "config_file", type=click.Path(), help="Settings file.  [default: upsim.toml]"
    )(function)
    for option in reversed(options()):
        function = _flag(option)(function)
    return function


def given(flags: dict[str, Any]) -> dict[str, Any]:
    """Those that were given on the command line."""
    return {name: value for name, value in flags.items() if value is not None}


def _flag(option: Option) -> Callable[[F], F]:
    text = f"{option.description}  [default: {option.default_text}]"
    if option.kind is bool:
        return click.option(f"{option.flag}/--no-{option.key}", option.name, default=None, help=option.description)
    return click.option(option.flag, option.name, type=_type(option.kind), help=text, show_default=False)


def _type(kind: Any) -> Any:
    """What click checks; the rest is checked where flags, variables and file meet."""
    if kind in {int, float}:
        return kind
    return click.Choice(get_args(kind)) if get_origin(kind) is Literal else str
