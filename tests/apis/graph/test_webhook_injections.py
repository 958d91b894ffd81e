"""Change notifications that a test has lost, doubled or put out of order."""

from typing import Any

import pytest

from tests.support.graph.receiver import Receiver
from tests.support.graph.subscriptions import SUBSCRIPTIONS, a_started_job, for_jobs, settle
from tests.support.graph.world import TENANT, Person, World
from upsim.domain.injection import Injection
from upsim.domain.printer import Printer
from upsim.domain.printer_share import PrinterShare
from upsim.services import injections


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ({"webhook": "lose", "times": 1}, [1, 2]),
        ({"webhook": "duplicate", "times": 1}, [0, 0, 1, 2]),
        ({"webhook": "duplicate", "nth": 2}, [0, 1, 1, 2]),
        ({"webhook": "reorder", "times": 1}, [1, 0, 2]),
    ],
)
async def test_notifications_can_go_astray(
    world: World,
    app: Person,
    ada: Person,
    printer: Printer,
    share: PrinterShare,
    receiver: Receiver,
    how: dict[str, Any],
    expected: list[int],
) -> None:
    assert (await app.post(SUBSCRIPTIONS, await for_jobs(world, printer, receiver))).status == 201
    tenant = await world.site.store.tenant(TENANT)
    rule = await injections.inject(world.site.store, tenant, Injection(operation="webhook.deliver", **how))
    jobs = []
    for _ in range(3):
        jobs.append(await a_started_job(ada, share))
        await settle(world)
    assert [jobs.index(item["resourceData"]["id"]) for item in receiver.told] == expected
    noted = [entry for entry in world.site.journals.of(TENANT) if entry.operation_id == "webhook.deliver"]
    assert [each.id for entry in noted for each in entry.injected] == [rule.id]
