"""The departments' bills at the end of January, which takes no month to wait for."""

from datetime import UTC, date, datetime, timedelta

import pytest
from azure.core.credentials import AccessToken
from contoso_pull_print.graph import connected
from contoso_pull_print.releasing import PullPrint
from contoso_pull_print.report import Usage, month_end
from contoso_pull_print.settings import Settings

from upsim.testing import Tenant

from .conftest import ALEX, LOBBY, SAM, Office


class Reader:
    """Somebody who may read reports and has signed in."""

    def __init__(self, tenant: Tenant) -> None:
        self._token = tenant.token(user="admin@contoso.example", permissions=["Reports.Read.All"])

    def get_token(self, *_: str, **__: object) -> AccessToken:
        return AccessToken(self._token, 2**31)


@pytest.mark.upsim(seed="pull-print", frozen_at=datetime(2026, 1, 5, 9, tzinfo=UTC))
async def test_the_bill_of_january_has_what_came_out_in_january(
    upsim_tenant: Tenant, settings: Settings, office: Office, queue: PullPrint
) -> None:
    async def prints(name: str) -> None:
        await office.prints(name)
        await queue.release(name, LOBBY)
        upsim_tenant.clock.advance(timedelta(minutes=5))

    await prints(ALEX)
    upsim_tenant.clock.advance(timedelta(days=10))
    await prints(ALEX)
    await prints(SAM)
    upsim_tenant.clock.advance(to=datetime(2026, 2, 1, 9, tzinfo=UTC))
    await prints(SAM)

    async with connected(settings, Reader(upsim_tenant)) as graph:
        assert await month_end(graph, date(2026, 1, 1)) == [Usage(ALEX, 2, 2), Usage(SAM, 1, 1)]
        assert await month_end(graph, date(2026, 2, 1)) == [Usage(SAM, 1, 1)]
