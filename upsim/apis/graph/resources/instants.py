"""Edm.DateTimeOffset as Graph writes it: UTC with a `Z`, fractions of a second always there."""

from datetime import UTC, datetime
from typing import overload


@overload
def instant(moment: datetime) -> str: ...
@overload
def instant(moment: None) -> None: ...
def instant(moment: datetime | None) -> str | None:
    """Return the text of a moment; null stays null."""
    if moment is None:
        return None
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"
