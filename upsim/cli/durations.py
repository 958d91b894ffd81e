"""Durations and instants as people type them."""

import re
from datetime import datetime
from typing import Any

import click

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhd])")


class Duration(click.ParamType):  # type: ignore[type-arg]  # generic in new versions of click only
    """Seconds, or parts such as `1h30m`; the value is in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, int | float):
            return float(value)
        text = str(value)
        if re.fullmatch(r"\d+(\.\d+)?", text):
            return float(text)
        if not re.fullmatch(f"(?:{_PART.pattern})+", text):
            self.fail(f"'{text}' is no duration: seconds, or parts such as 1h30m, 2d or 500ms.", param, ctx)
        return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))


class Instant(click.ParamType):  # type: ignore[type-arg]
    """An instant by ISO 8601, with its offset from UTC."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"'{value}' is no instant such as 2026-02-01T00:00:00Z.", param, ctx)
        if instant.tzinfo is None:
            self.fail(f"'{value}' needs its offset from UTC: add Z.", param, ctx)
        return instant
