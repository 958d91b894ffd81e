"""Graph refuses a token that our own clock still takes for good."""

import pytest
from contoso_pull_print.releasing import PullPrint

from upsim.testing import Tenant

from .conftest import ALEX, LOBBY, Office


@pytest.mark.upsim(seed="pull-print")
async def test_a_token_that_expires_in_the_middle_is_renewed_once_and_nothing_prints_twice(
    upsim_tenant: Tenant, office: Office, queue: PullPrint
) -> None:
    for _ in range(2):
        await office.prints(ALEX)

    # Between the two jobs the service's token expires.
    upsim_tenant.injections.inject(operation="graph.printer.job.redirect", nth=2, expire_token=True)
    released = await queue.release(ALEX, LOBBY)

    # It signed in again, once, and called again, once.
    assert len(set(released)) == 2
    upsim_tenant.journal.expect(
        {"operation": "graph.printer.job.redirect", "status": 200},
        {"operation": "graph.printer.job.redirect", "status": 401},
        {"operation": "entra.token*", "status": 200},
        {"operation": "graph.printer.job.redirect", "status": 200},
        in_order=True,
    )
    upsim_tenant.journal.expect(
        {"operation": "graph.printer.job.redirect", "status": 200, "times": 2},
        {"operation": "graph.printer.job.redirect", "status": 401, "times": 1},
    )
    assert await queue.waiting(ALEX) == []
