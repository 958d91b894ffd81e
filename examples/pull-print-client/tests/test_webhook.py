"""Graph tells the same job twice, as it may."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer
from contoso_pull_print.homes import Homes
from contoso_pull_print.ledger import Ledger
from contoso_pull_print.notifications import LIFETIME, Receiver, subscribe
from contoso_pull_print.releasing import PullPrint
from contoso_pull_print.settings import Settings
from msgraph import GraphServiceClient

from upsim.testing import Tenant

from .conftest import ALEX, SAM, Office


@pytest.fixture
async def receiver(
    upsim_tenant: Tenant, settings: Settings, graph: GraphServiceClient, queue: PullPrint, tmp_path: Path
) -> AsyncIterator[Receiver]:
    """The service listens, and Graph knows where."""
    homes = Homes(queue, settings.home_printers)
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        receiver = Receiver(settings.client_state, ledger, homes.on_job)
        async with TestServer(receiver.application()) as server:
            until = upsim_tenant.clock.now() + LIFETIME
            url = str(server.make_url("/notifications"))
            await subscribe(graph, settings.task_name, url, settings.client_state, until)
            yield receiver


@pytest.mark.upsim(seed="pull-print", frozen_at=datetime(2026, 1, 12, 12, tzinfo=UTC))
async def test_a_job_that_is_told_twice_goes_home_once(
    upsim_tenant: Tenant, office: Office, receiver: Receiver, queue: PullPrint
) -> None:
    upsim_tenant.injections.inject(name="twice", operation="webhook.deliver", webhook="duplicate")

    async def prints(name: str) -> str:
        job_id = await office.prints(name)
        await asyncio.to_thread(upsim_tenant.clock.advance, timedelta(0))  # what Graph has to tell is told
        return job_id

    # Sam's jobs go to the printer in the lobby as they come; Alex walks.
    await prints(SAM)
    alexs = await prints(ALEX)
    assert upsim_tenant.injections.fired("twice") == 2
    await receiver.done()

    upsim_tenant.journal.expect({"operation": "graph.printer.job.redirect", "times": 1})
    assert await queue.waiting(SAM) == []
    assert [job.id for job in await queue.waiting(ALEX)] == [alexs]
