"""Answers on stdout: JSON for programs, columns for people, with lines and colours on a terminal only."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click

Json = Mapping[str, Any]
Cell = str | Callable[[Any], Any]
"""What a column shows: a member, one within another by dots, or what a function makes of the row."""


def show_json(value: Any) -> None:
    """The answer as it is."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def show_rows(rows: Sequence[Json], columns: Mapping[str, Cell], *, as_json: bool) -> None:
    """Rows under headings. `rows` themselves are what programs get."""
    if as_json:
        show_json(rows)
        return
    lines = [[_text(_cell(row, cell)) for cell in columns.values()] for row in rows]
    if sys.stdout.isatty():
        _show_table(list(columns), lines)
    else:
        _show_columns([[name.upper() for name in columns], *lines])


def show_fields(value: Json, fields: Mapping[str, Cell] | None = None, *, as_json: bool) -> None:
    """One thing: a line a member."""
    if as_json:
        show_json(value)
        return
    shown = fields or {name: name for name in value}
    width = max(map(len, shown), default=0)
    for name, cell in shown.items():
        click.echo(f"{name:{width}}  {_text(_cell(value, cell))}".rstrip())


def _cell(row: Any, cell: Cell) -> Any:
    if callable(cell):
        return cell(row)
    for part in cell.split("."):
        row = row.get(part) if isinstance(row, Mapping) else None
    return row


def _text(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return " ".join(f"{name}={_text(item)}" for name, item in value.items()) or "-"
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value)) or "-"
    return str(value)


def _show_columns(lines: Iterable[Sequence[str]]) -> None:
    lines = list(lines)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        click.echo("  ".join(f"{text:{width}}" for text, width in zip(line, widths, strict=True)).rstrip())


def _show_table(names: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    """Rich keeps to NO_COLOR and to the width of the terminal by itself."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*names, box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for line in lines:
        table.add_row(*map(Text, line))
    Console().print(table)
