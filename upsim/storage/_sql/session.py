"""What the shared transaction needs of an engine's connection."""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

Parameters = dict[str, Any]


class Rows(Protocol):
    """What a statement answered."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Executor(Protocol):
    """Runs statements whose parameters are written `:name`."""

    def execute(self, sql: str, parameters: Parameters, /) -> Rows: ...


class Session(Executor, Protocol):
    """A connection inside a transaction.

    What units do most has a method each, so that an engine may group it; `execute` runs any other statement.
    """

    def get(self, place: int, kind: str, identifier: str, /) -> bytes | None:
        """The body of an entity's live version."""

    def find(self, sql: str, parameters: Parameters, /) -> Iterable[bytes]:
        """The bodies that a statement of `statements.select` finds; read them before anything else is done."""

    def close(self, parameters: Parameters, /) -> None:
        """End an entity's live version (statement `close`)."""

    def open(self, parameters: Parameters, /) -> None:
        """Begin a version of an entity that has no live one (statement `open`)."""

    def emit(self, parameters: Parameters, /) -> None:
        """Add an event (statement `emit`)."""

    def next_number(self, parameters: Parameters, /) -> int:
        """Take a counter's next value (statement `next_number`)."""
