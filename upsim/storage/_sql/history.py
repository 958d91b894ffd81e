"""Going through a tenant's history and back to a point of it (`services.ports.History`)."""

from typing import Any, Protocol

from upsim.services.ports import Difference, StoredRow

BEHIND = ""
"""The name of the counter that holds how far the number that ids are derived from is behind."""


class Changing(Protocol):
    """What the history needs of the transaction that it is part of."""

    def check_history(self, number: int, origin_id: str | None = None) -> None: ...

    def take_number(self) -> int: ...

    def set_behind(self, behind: int) -> None: ...

    def execute(self, statement: str, /, **parameters: Any) -> Any: ...


class SqlHistory:
    """The history of a transaction's tenant."""

    def __init__(self, transaction: Changing) -> None:
        self._transaction = transaction

    def rewind(self, number: int) -> None:
        """What was closed since is opened again as new versions; what is newer is closed."""
        self._transaction.check_history(number)
        counters = self._counters(number)
        own = self._transaction.take_number()
        self._execute("rewind_close", number=own, as_of=number)
        self._execute("rewind_open", number=own, as_of=number)
        for name in self._counters(own):
            if name != BEHIND:
                self._set_counter(name, counters.get(name, 0))
        self.go_on_from(number - counters.get(BEHIND, 0))

    def copy(self, origin_id: str, number: int) -> None:
        """The rows are copied inside the database: no body is read."""
        self._transaction.check_history(number, origin_id)
        own = self._transaction.take_number()
        self._execute("copy_entities", origin=origin_id, number=own, as_of=number)
        counters = self._counters(number, origin_id)
        for name, value in counters.items():
            if name != BEHIND:
                self._set_counter(name, value)
        self.go_on_from(number - counters.get(BEHIND, 0))

    def rows(self, number: int) -> list[StoredRow]:
        """Everything that was there after a change, but the tenant itself."""
        self._transaction.check_history(number)
        found = self._execute("rows_as_of", as_of=number)
        return [StoredRow(kind, identifier, bytes(body)) for kind, identifier, body, _ in found]

    def differences(self, earlier: int, later: int) -> list[Difference]:
        """What one change shows otherwise than a later one."""
        self._transaction.check_history(earlier)
        self._transaction.check_history(later)
        sides: dict[tuple[str, str], list[bytes | None]] = {}
        for kind, identifier, body, side in self._execute("differences", earlier=earlier, later=later):
            sides.setdefault((kind, identifier), [None, None])[side] = bytes(body)
        return [
            Difference(kind, identifier, before, after)
            for (kind, identifier), (before, after) in sorted(sides.items())
            if before != after
        ]

    def counters(self, number: int) -> dict[str, int]:
        """The counters as they stood after a change."""
        return {name: value for name, value in self._counters(number).items() if name != BEHIND}

    def set_counter(self, name: str, value: int) -> None:
        """Let a counter go on from a value."""
        self._set_counter(name, value)

    def derived(self, number: int) -> int:
        """A rewind may have taken it back."""
        return number - self._counters(number).get(BEHIND, 0)

    def go_on_from(self, derived: int) -> None:
        """Ids are derived as if the latest change had been `derived`."""
        behind = self._transaction.take_number() - derived
        self._set_counter(BEHIND, behind)
        self._transaction.set_behind(behind)

    def _counters(self, number: int, tenant_id: str | None = None) -> dict[str, int]:
        tenant = {} if tenant_id is None else {"tenant": tenant_id}
        return {name: int(value) for name, value in self._execute("counters_as_of", as_of=number, **tenant)}

    def _set_counter(self, name: str, value: int) -> None:
        self._execute("set_counter", name=name, number=self._transaction.take_number(), value=value)

    def _execute(self, statement: str, /, **parameters: Any) -> Any:
        return self._transaction.execute(statement, **parameters)
