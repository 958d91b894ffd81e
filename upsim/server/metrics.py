"""Metrics for Prometheus, where a server is started with them. Labels are names out of upsim's own tables.

No label tells tenants, printers or callers apart: their number has no bound. What happened is counted as it
happens, on this node; how much there is (jobs, work that waits) is looked up when somebody asks, in the store, so
nodes that share one tell the same.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from upsim.domain.refusals import RefusalKind
from upsim.services.ports import Store
from upsim.version import VERSION

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
UNKNOWN = "unknown"
"""The operation of a call that no row answers."""
_REQUEST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_STORE_SECONDS = (0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    """One for each server: what its pipeline, store and courier report, and what is told of it."""

    def __init__(self, node: str) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "upsim_requests",
            "Calls, by row of the table and HTTP status.",
            ("operation", "status"),
            registry=registry,
        )
        self._seconds = Histogram(
            "upsim_request_seconds",
            "From the request line to the end of the answer.",
            ("operation",),
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )
        self._refused = Counter(
            "upsim_refused", "Calls that were refused, by API and kind.", ("api", "kind"), registry=registry
        )
        self._throttled = Counter(
            "upsim_throttled",
            "Calls that a limit or a test's injection throttled.",
            ("operation",),
            registry=registry,
        )
        self._fired = Counter(
            "upsim_injections_fired",
            "Injections of tests that happened to a call.",
            ("operation",),
            registry=registry,
        )
        self._deliveries = Counter(
            "upsim_deliveries", "Attempts to deliver a change notification.", ("outcome",), registry=registry
        )
        self.store_seconds = Histogram(
            "upsim_store_seconds",
            "How long a unit of work took, waiting for its turn and its commit included.",
            ("work",),
            buckets=_STORE_SECONDS,
            registry=registry,
        )
        self._info = Gauge("upsim_info", "Which server this is.", ("node", "version"), registry=registry)
        self._info.labels(node, VERSION).set(1)

    def served(self, operation_id: str, status: int, seconds: float) -> None:
        """Count a call that has been answered; `status` 0: its connection was cut."""
        self._requests.labels(operation_id or UNKNOWN, str(status)).inc()
        self._seconds.labels(operation_id or UNKNOWN).observe(seconds)

    def refused(self, operation_id: str, api: str, kind: RefusalKind) -> None:
        """Count a call that was refused."""
        self._refused.labels(api, kind.name.lower()).inc()
        if kind is RefusalKind.THROTTLED:
            self._throttled.labels(operation_id or UNKNOWN).inc()

    def fired(self, operation: str, count: int) -> None:
        """Injections of a test happened."""
        self._fired.labels(operation).inc(count)

    def delivered(self, outcome: str) -> None:
        """A notification was sent, or was not."""
        self._deliveries.labels(outcome).inc()

    def written(self, store: Store, jobs: Tally[str], work: Tally[str]) -> bytes:
        """All of it in Prometheus' text format, with what is there now."""
        return generate_latest(self._registry) + generate_latest(_There(store, jobs, work))


class _There(Collector):
    """What is there at the moment of asking."""

    def __init__(self, store: Store, jobs: Tally[str], work: Tally[str]) -> None:
        self._store = store
        self._jobs = jobs
        self._work = work

    def collect(self) -> Iterator[Metric]:
        retries = CounterMetricFamily("upsim_store_retries", "Groups of units that ran again.", labels=("cause",))
        for cause, count in self._store.retries.items():
            retries.add_metric((cause,), count)
        yield retries
        yield _gauge(
            "upsim_jobs", "Jobs of all tenants by job-state; terminal ones together.", "state", self._jobs
        )
        yield _gauge("upsim_due_work", "Work of all tenants that is due and not done.", "kind", self._work)


def _gauge(name: str, documentation: str, label: str, values: Tally[str]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, documentation, labels=(label,))
    counted: Iterable[tuple[str, int]] = sorted(values.items())
    for value, count in counted:
        family.add_metric((value,), count)
    return family
