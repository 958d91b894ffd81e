"""Somebody releases many jobs at once, and Graph has enough of us."""

from datetime import UTC, datetime

import pytest
from contoso_pull_print.releasing import PullPrint

from upsim.testing import Tenant

from .conftest import ALEX, LOBBY, Office

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)


@pytest.mark.upsim(seed="pull-print", frozen_at=NOON)
async def test_a_throttled_release_waits_as_long_as_it_is_told_and_prints_everything(
    upsim_tenant: Tenant, office: Office, queue: PullPrint
) -> None:
    # Alex has printed three times and stands in the lobby.
    printed = [await office.prints(ALEX) for _ in range(3)]
    assert [job.id for job in await queue.waiting(ALEX)] == printed

    # The second redirect meets a busy service: longer than the SDK would wait, and then once more.
    upsim_tenant.injections.inject(
        name="busy",
        operation="graph.printer.job.redirect",
        start=2,
        times=2,
        answer={"status": 429, "retry_after_seconds": 240},
    )
    released = await queue.release(ALEX, LOBBY)

    # All three went to the lobby, once each: two refused calls, and none that came too early.
    assert len(set(released)) == 3
    assert upsim_tenant.injections.fired("busy") == 2
    assert (upsim_tenant.clock.now() - NOON).total_seconds() >= 480
    upsim_tenant.journal.expect(
        {"operation": "graph.printer.job.redirect", "status": 200, "times": 3},
        {"operation": "graph.printer.job.redirect", "status": 429, "times": 2},
        {"early": True, "times": 0},
    )
    assert await queue.waiting(ALEX) == []
