"""What the shared code needs of an engine's connection."""

from collections.abc import Iterator
from typing import Any, Protocol


class Rows(Protocol):
    """What a statement answered."""

    def fetchone(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


class Session(Protocol):
    """A connection inside a transaction. Parameters of the shared SQL are written `:name`."""

    def execute(self, sql: str, parameters: dict[str, Any], /) -> Rows: ...
