"""Metrics for Prometheus."""

from collections import Counter

from aiohttp import web

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.server.context import Call
from upsim.services import census, tenants
from upsim.services.ports import SYSTEM, Transaction


async def show(call: Call) -> web.Response:
    """Return the metrics of this node, and how much there is in the store."""
    metrics, store = call.site.metrics, call.site.store
    if metrics is None:
        raise Refusal(
            RefusalKind.NOT_FOUND, "This server keeps no metrics; start it with --metrics.", reason="no-metrics"
        )
    from upsim.server.metrics import CONTENT_TYPE

    jobs: Counter[str] = Counter()
    work: Counter[str] = Counter()

    def count(tx: Transaction) -> None:
        jobs.update(census.jobs_by_state(tx))
        work.update(census.work_that_waits(tx))

    for tenant in await store.read(SYSTEM, tenants.list_all):
        await store.read(tenant.id, count)
    return web.Response(body=metrics.written(store, jobs, work), headers={"Content-Type": CONTENT_TYPE})
