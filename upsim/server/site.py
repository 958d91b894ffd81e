"""What a running upsim consists of, as handlers see it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from upsim.server.early_retries import EarlyRetries
from upsim.server.journal import Journals
from upsim.server.keys import Keyring
from upsim.server.operation import Operation
from upsim.server.request_ids import RequestIds
from upsim.server.webhooks.calls import Webhooks
from upsim.server.webhooks.courier import Courier
from upsim.server.worker import Worker
from upsim.services.ports import Blobs, Certificates, Store

if TYPE_CHECKING:  # its library is imported only by those who want metrics
    from upsim.server.metrics import Metrics


class Addresses(Struct, frozen=True):
    """The URLs of the listeners as programs on this machine call them; None where there is no such listener."""

    https: str = ""
    http: str | None = None
    proxy: str | None = None


@dataclass(slots=True, kw_only=True)
class Site:
    """The parts of a server, put together by `upsim.app.build_site`. Several may live in one process."""

    store: Store
    blobs: Blobs
    certificates: Certificates
    keyring: Keyring
    now: Callable[[], datetime]
    """Real time; a tenant's time is `Transaction.now` or `Store.now`."""
    random_seed: str | None = None
    """What the server's own randomness follows from; None: from nothing."""
    is_shared: bool = False
    """Whether other servers may work on the same store."""
    request_ids: RequestIds
    ca_certificate_pem: str = ""
    """The CA behind the HTTPS listener."""
    public_url: str | None = None
    """Scheme and host that absolute URLs start with; None: as the request came in."""
    list_operations: Callable[[], tuple[Operation, ...]] = tuple
    """The whole table, for the APIs that show it."""
    control_key: str | None = None
    """What callers of the control API must send; None: it answers this machine only."""
    stop: Callable[[], None] | None = None
    """Ends the process that serves, where it does nothing else."""
    node: str = ""
    """The name of this server among those that share a store."""
    addresses: Addresses = field(default_factory=Addresses)
    is_ready: bool = False
    hints_given: set[str] = field(default_factory=set)
    """What was said in the log already of clients that are not set up for upsim."""
    webhooks: Webhooks
    """Calls receivers of notifications: the only thing in upsim that calls anywhere."""
    courier: Courier
    """Delivers change notifications."""
    journals: Journals = field(default_factory=Journals)
    early_retries: EarlyRetries = field(default_factory=EarlyRetries)
    metrics: "Metrics | None" = None
    """Counts and times calls, where the server was started with metrics."""
    worker: Worker
    """Does what falls due."""

    def new_guid(self) -> str:
        """A GUID that is no tenant's: an id or a seed for a new one."""
        return self.request_ids.take(None)

    @property
    def operation_ids(self) -> list[str]:
        """The operations that injections can name; one that only leads to others is never met."""
        return [operation.id for operation in self.list_operations() if not operation.is_entry]
