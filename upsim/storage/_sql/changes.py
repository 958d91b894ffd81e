"""The change numbers of tenants: each is read once, and written once at the end of a database transaction."""

from collections.abc import Set as AbstractSet

from upsim.storage._sql.session import Executor
from upsim.storage._sql.statements import statements


class ChangeNumbers:
    """Counts the units that changed something, tenant by tenant."""

    def __init__(self, session: Executor) -> None:
        self._session = session
        self._latest: dict[str, int] = {}
        self._behind: dict[str, int] = {}
        self._changed: set[str] = set()
        self._gone: set[str] = set()  # tenants of which not even a number is written

    @property
    def changed(self) -> AbstractSet[str]:
        """The tenants that changed in this transaction."""
        return self._changed

    def latest(self, tenant_id: str) -> int:
        """The number of the tenant's latest change."""
        number = self._latest.get(tenant_id)
        if number is None:
            row = self._session.execute(statements()["change_number"], {"tenant": tenant_id}).fetchone()
            number = self._latest[tenant_id] = int(row[0]) if row else 0
            self._behind[tenant_id] = int(row[1]) if row else 0
        return number

    def behind(self, tenant_id: str) -> int:
        """How far the number that ids are derived from is behind the change number: a rewind takes it back."""
        self.latest(tenant_id)
        return self._behind.get(tenant_id, 0)

    def keep(self, tenant_id: str, number: int, behind: int | None = None) -> None:
        """A unit has ended well under this number."""
        self._latest[tenant_id] = number
        self._gone.discard(tenant_id)
        self._changed.add(tenant_id)
        if behind is not None:
            self._behind[tenant_id] = behind

    def forget(self, tenant_id: str) -> None:
        """A unit has ended well that leaves nothing of the tenant, not even its numbers."""
        self._latest[tenant_id] = self._behind[tenant_id] = 0
        self._changed.add(tenant_id)
        self._gone.add(tenant_id)

    def begin(self) -> None:
        """Another transaction: nothing has changed in it."""
        self._changed, self._gone = set(), set()

    def abandon(self) -> None:
        """The transaction was undone: every number is read anew."""
        self._latest.clear()
        self._behind.clear()

    def store(self) -> None:
        """Write what was counted."""
        for tenant_id in self._changed - self._gone:
            parameters = {"tenant": tenant_id, "number": self._latest[tenant_id]}
            self._session.execute(statements()["set_change_number"], parameters)
