"""The options that choose entries of the journal."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = {
    "--operation": "Id of the table of operations, such as 'graph.job.*'.",
    "--method": "HTTP method.",
    "--path": "Path, with * for anything.",
    "--status": "Such as 429 or 4xx.",
    "--ipp-status": "Keyword of an IPP answer's status.",
    "--caller": "User principal name, or id of a user, application or printer.",
    "--printer": "Id of a printer.",
    "--job": "Id of a job.",
    "--refused": "Reason of a refusal; * for any.",
    "--injection": "Id or name of an injection; * for any.",
    "--event": "Event that the call caused, such as job.completed.",
    "--since": "Only entries with a greater number.",
}


def choosing(function: F) -> F:
    """Give a command these options, as `which`, which holds those that were given."""
    names = [name.removeprefix("--").replace("-", "_") for name in _OPTIONS]

    def chosen(**values: Any) -> Any:
        which = {name: value for name in names if (value := values.pop(name)) is not None}
        return function(which=which, **values)

    chosen.__doc__, chosen.__name__ = function.__doc__, function.__name__
    chosen.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
    for flag, text in reversed(_OPTIONS.items()):
        click.option(flag, type=int if flag == "--since" else str, help=text)(chosen)
    return chosen  # type: ignore[return-value]
