"""The one error of this package: the request does not mean anything.

The sentences are the ones Microsoft Graph writes, because people search for them.
"""

from __future__ import annotations


class BadQuery(ValueError):
    """A request part that cannot be understood; a service answers 400 with ``message``."""

    def __init__(self, message: str, *, option: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.option = option


# What Graph writes before the reason, by the option that failed.
_PREFIXES = {
    "$select": "Parsing OData Select and Expand failed: ",
    "$expand": "Parsing OData Select and Expand failed: ",
    "$filter": "Invalid filter clause: ",
}


def bad_clause(option: str, reason: str) -> BadQuery:
    """Return the error for one query option, introduced the way Graph introduces it."""
    return BadQuery(_PREFIXES.get(option, "") + reason, option=option)


def syntax_error(option: str, position: int, text: str) -> BadQuery:
    return bad_clause(option, f"Syntax error at position {position} in '{text}'.")


def unknown_property(option: str, name: str, type_name: str) -> BadQuery:
    return bad_clause(option, f"Could not find a property named '{name}' on type '{type_name}'.")
