"""What falls due on a tenant's clock, and moving the clock so that all of it happens, in order.

Three kinds. Work that is due is done: a registration completes, an upload that took too long is given up, a
document is converted. An errand is work that leaves the process, such as telling a webhook; whoever runs it
claims it first. Things that merely lapse, such as a token or a code, are judged by whoever looks at them; they
are told of, so that a test can go to the moment at which they end. A new kind is a line in `_WORK`, `_ERRANDS` or
`_LAPSES`.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from upsim.domain.change_subscription import ChangeDelivery, ChangeSubscription
from upsim.domain.document import DownloadLink, UploadSession
from upsim.domain.entity import Entity
from upsim.domain.events import Event
from upsim.domain.job import Job
from upsim.domain.query import Query
from upsim.domain.registration import PrinterCreateOperation
from upsim.domain.sign_in import AuthorizationCode, BrowserSession, DeviceCode, DeviceNonce, RefreshToken
from upsim.domain.simulation import SimulatedDevice
from upsim.domain.task import Task
from upsim.services import change_subscriptions, registration, simulation, tasks, tenants
from upsim.services.jobs import lifecycle
from upsim.services.ports import SYSTEM, Certificates, Store, Transaction

AT_ONCE_MAX = 256
"""Units of work done in one transaction."""
STEPS_MAX = 10_000
"""How many instants one move of the clock may stop at."""


class Happened(Struct, frozen=True, kw_only=True):
    """Something that fell due: `what` became of which thing, and the events that told of it."""

    at: datetime
    kind: str
    id: str
    what: str
    events: tuple[Event, ...] = ()


class Moved(Struct, frozen=True, kw_only=True):
    """Where the clock stands now and what happened on the way."""

    now: datetime
    happened: list[Happened]
    is_settled: bool = True
    """Whether nothing is overdue."""
    is_met: bool = True
    """Whether the condition was met, where one was given."""


class Condition(Struct, frozen=True, kw_only=True):
    """Stop when an event is told: its name, with `*` for anything, and the id of its subject if given."""

    event: str
    subject: str = ""

    def is_met_by(self, event: Event) -> bool:
        return fnmatchcase(event.name, self.event) and self.subject in {"", event.subject}


class Means(Struct):
    """What work needs beside the transaction."""

    certificates: Certificates


Errands = Callable[[str], Awaitable[list[Happened]]]
"""Runs the errands of a tenant that are due, and waits until they are done."""


def _complete_registration(tx: Transaction, operation: PrinterCreateOperation, means: Means) -> str:
    registration.poll(tx, operation.id, means.certificates)
    return "completed"


def _close_upload(tx: Transaction, session: UploadSession, means: Means) -> str:  # noqa: ARG001 - the shape of all work
    tx.delete(session)
    return "expired" if session.completed_at is None else "forgotten"


def _settle_job(tx: Transaction, job: Job, means: Means) -> str:  # noqa: ARG001 - the shape of all work
    settled = lifecycle.settle(tx, job)
    if job.pace is not None and not job.is_transforming and not job.is_incoming:
        return "moved"
    return "aborted" if settled.state.is_terminal else "converted"


def _expire_task(tx: Transaction, task: Task, means: Means) -> str:  # noqa: ARG001 - the shape of all work
    tasks.expire(tx, task)
    return "expired"


def _expire_subscription(tx: Transaction, subscription: ChangeSubscription, means: Means) -> str:  # noqa: ARG001
    change_subscriptions.expire(tx, subscription)
    return "expired"


def _take_steps(tx: Transaction, device: SimulatedDevice, means: Means) -> str:  # noqa: ARG001
    return simulation.take_steps(tx, device)


_WORK: dict[type[Entity], Callable[[Transaction, Any, Means], str]] = {
    PrinterCreateOperation: _complete_registration,
    UploadSession: _close_upload,
    Job: _settle_job,
    Task: _expire_task,
    ChangeSubscription: _expire_subscription,
    SimulatedDevice: _take_steps,
}
_ERRANDS: tuple[type[Entity], ...] = (ChangeDelivery,)
_LAPSES: tuple[type[Entity], ...] = (
    AuthorizationCode,
    BrowserSession,
    DeviceCode,
    DeviceNonce,
    DownloadLink,
    RefreshToken,
)


def kinds_of_work() -> list[str]:
    """What is done when it is due, as against what merely lapses."""
    return [entity.kind for entity in (*_WORK, *_ERRANDS)]


def next_instant(tx: Transaction, by: datetime | None = None) -> datetime | None:
    """When something is due next, at the latest `by`; overdue work counts as due now.

    Errands that are overdue do not count: somebody has claimed them.
    """
    last = by or datetime.max.replace(tzinfo=tx.now.tzinfo)
    work = [tx.first(Query(entity=kind, due_by=last, limit=1)) for kind in _WORK]
    later = (*_ERRANDS, *_LAPSES)
    lapses = [tx.first(Query(entity=kind, due_after=tx.now, due_by=last, limit=1)) for kind in later]
    instants = [found.index().due for found in (*work, *lapses) if found is not None]
    return min((max(instant, tx.now) for instant in instants if instant is not None), default=None)


def next_work(tx: Transaction) -> datetime | None:
    """When there is work or an errand to do next; it may be overdue."""
    last = datetime.max.replace(tzinfo=tx.now.tzinfo)
    found = [tx.first(Query(entity=kind, due_by=last, limit=1)) for kind in (*_WORK, *_ERRANDS)]
    return min((_due(entity) for entity in found if entity is not None), default=None)


def is_work_due(tx: Transaction) -> bool:
    """Whether there is work to do now, errands aside."""
    return any(tx.first(Query(entity=kind, due_by=tx.now, limit=1)) for kind in _WORK)


def run(tx: Transaction, means: Means, since: datetime | None = None) -> list[Happened]:
    """Do the work that is due, soonest first, and tell what has lapsed since `since`."""
    found: list[Entity] = []
    for kind in _WORK:
        found += tx.find(Query(entity=kind, due_by=tx.now, limit=AT_ONCE_MAX))
    for kind in _LAPSES if since else ():
        found += tx.find(Query(entity=kind, due_after=since, due_by=tx.now, limit=AT_ONCE_MAX))
    return [_happen(tx, entity, means) for entity in sorted(found, key=_due)]


async def advance(
    store: Store,
    tenant_id: str,
    means: Means,
    errands: Errands,
    *,
    to: datetime | None = None,
    until: Condition | None = None,
) -> Moved:
    """Move a tenant's clock to `to`, or to the next instant at which something is due.

    It stops at each instant on the way at which something is due, and for good where a condition is met.
    """
    happened = await errands(tenant_id)
    since = await store.now(tenant_id)
    for _ in range(STEPS_MAX):
        instant = await store.read(tenant_id, lambda tx: next_instant(tx, to))
        goal = instant or to
        if goal is None:  # nothing will ever be due
            return Moved(now=since, happened=happened, is_met=until is None)
        await store.write(SYSTEM, lambda tx, goal=goal: tenants.move_clock(tx, tenant_id, goal))  # type: ignore[misc]
        fallen = await store.write(tenant_id, lambda tx, since=since: run(tx, means, since))  # type: ignore[misc]
        fallen += await errands(tenant_id)
        happened += fallen
        since = await store.now(tenant_id)
        is_met = until is not None and any(until.is_met_by(event) for item in fallen for event in item.events)
        if is_met or instant is None or (to is None and until is None):
            return Moved(now=since, happened=happened, is_met=until is None or is_met)
    return Moved(now=since, happened=happened, is_settled=False, is_met=until is None)


def _happen(tx: Transaction, entity: Entity, means: Means) -> Happened:
    work = _WORK.get(type(entity))
    told = len(tx.emitted)
    what = work(tx, entity, means) if work else "lapsed"
    return Happened(
        at=_due(entity), kind=entity.kind, id=_name(entity), what=what, events=tuple(tx.emitted[told:])
    )


def _name(entity: Entity) -> str:
    """The id, but of secrets only the beginning."""
    return entity.id if type(entity) in _WORK else f"{entity.id[:8]}..."


def _due(entity: Entity) -> datetime:
    due = entity.index().due
    assert due is not None  # noqa: S101 - it was found by it
    return due
