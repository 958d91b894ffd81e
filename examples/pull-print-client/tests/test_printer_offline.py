"""The printer where the user stands loses its network after it has fetched the job."""

import aiohttp
import pytest
from contoso_pull_print.releasing import Outcome, PullPrint

from upsim.testing import Tenant

from .conftest import ALEX, Office

COMPLETED = 9  # job-state of RFC 8011


@pytest.mark.upsim(seed="pull-print", settings={"registration": {"seconds": 0}})
async def test_the_user_is_told_that_the_printer_is_away_and_the_job_prints_when_it_is_back(
    upsim_tenant: Tenant, office: Office, queue: PullPrint
) -> None:
    corridor = await office.printer("Corridor")
    await office.prints(ALEX)
    (job,) = await queue.release(ALEX, corridor.printer_id)
    assert await queue.outcome(corridor.printer_id, job) is Outcome.UNDER_WAY

    # Between Fetch-Job and Acknowledge-Job the network is gone.
    upsim_tenant.injections.inject(operation="ipp.fetch-job", after=["printer-offline"], times=1)
    await corridor.fetch(int(job))
    with pytest.raises(aiohttp.ClientError):
        await corridor.acknowledge(int(job))
    assert await queue.outcome(corridor.printer_id, job) is Outcome.PRINTER_AWAY

    # Somebody plugs the cable in again.
    upsim_tenant.injections.remove_all()
    await corridor.acknowledge(int(job))
    assert await queue.outcome(corridor.printer_id, job) is Outcome.UNDER_WAY
    assert await corridor.document(int(job)) == office.document.read_bytes()
    await corridor.report(int(job), COMPLETED, "job-completed-successfully")
    assert await queue.outcome(corridor.printer_id, job) is Outcome.PRINTED
    assert await corridor.fetchable_jobs() == []
