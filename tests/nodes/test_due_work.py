"""What falls due with two servers on one PostgreSQL: one does it, and another takes over from one that died."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.graph.receiver import receiving
from tests.support.inbox import TENANT, a_shared_printer, app_token, subscribe
from tests.support.nodes import PUBLIC_CLIENT, node, wire
from tests.support.polling import PATIENCE_SECONDS, until
from tests.support.postgres import PostgresServer
from tests.support.processes import Process
from upsim.actors.person import Person
from upsim.actors.wire import Wire
from upsim.client.ask import camel_throughout
from upsim.shipped import fixtures

SAMPLE = fixtures() / "sample.pdf"
SUBSCRIPTIONS = 8


class Nodes:
    """Servers on one store."""

    def __init__(self, url: str, data: Path) -> None:
        self._url, self._data = url, data
        self.started: list[Process] = []

    def start(self) -> Process:
        self.started.append(node(self._url, self._data))
        return self.started[-1]


@pytest.fixture
def nodes(postgres: PostgresServer, tmp_path: Path) -> Iterator[Nodes]:
    nodes = Nodes(postgres.fresh_url(), tmp_path / "data")
    yield nodes
    for each in nodes.started:
        each.kill()


async def settings(connection: Wire, **chosen: object) -> None:
    await connection.call(
        "PUT", f"{TENANT}/settings", json={"registration": {"seconds": 0}, **camel_throughout(chosen)}
    )


async def test_a_webhook_is_told_by_one_node_and_by_the_other_when_that_one_dies(
    nodes: Nodes,
) -> None:
    first, second = nodes.start(), nodes.start()
    async with receiving() as receiver, wire(first) as one:
        await settings(one, webhooks={"printer_subscriptions_max": SUBSCRIPTIONS, "timeout_seconds": 60})
        device, share_id, admin = await a_shared_printer(one, first.tenant_id)
        token = await app_token(one, first.tenant_id)
        subscriptions = {
            (await subscribe(one, token, device.printer_id, receiver.url))["id"] for _ in range(SUBSCRIPTIONS)
        }

        def told(job_id: str) -> Counter[str]:
            """How often each subscription was told of a job."""
            mine = [item for item in receiver.told if item["resourceData"]["id"] == job_id]
            return Counter(item["subscriptionId"] for item in mine)

        job_id = await admin.print(share_id, SAMPLE, {})
        await until(lambda: told(job_id).keys() == subscriptions)
        assert set(told(job_id).values()) == {1}
        await until_delivered(one, SUBSCRIPTIONS)  # or the second could die with a delivery still in its hands

        # The first has all deliveries in its hands, and none is answered, when it dies.
        second.kill()
        await settings(one, webhooks={"printer_subscriptions_max": SUBSCRIPTIONS, "timeout_seconds": 3})
        receiver.is_slow = True
        job_id = await admin.print(share_id, SAMPLE, {})
        await until(lambda: receiver.asked >= 2 * SUBSCRIPTIONS)
        nodes.start()
        first.kill()
        receiver.is_slow = False
        await until(lambda: told(job_id).keys() == subscriptions)


async def test_work_that_is_due_is_done_once_though_two_nodes_see_it(nodes: Nodes) -> None:
    first, second = nodes.start(), nodes.start()
    async with wire(first) as one, wire(second) as two:
        slow = {"firstPageSeconds": 5, "secondsPerPage": 1}
        await settings(one)
        for number in range(3):
            body = {"displayName": f"Copy room {number}", "share": f"Copies {number}", "persona": slow}
            await one.call("POST", f"{TENANT}/simulated-printers", json=body, expect=(201,))
        alex = Person(two, first.tenant_id, PUBLIC_CLIENT, "alex@contoso.example")
        await alex.sign_in_with_browser()
        shares = (await alex.graph("GET", "/print/shares", expect=(200,), note=""))["value"]
        jobs = [(share["id"], await alex.print(share["id"], SAMPLE, {})) for share in shares for _ in range(3)]
        await two.call("PATCH", f"{TENANT}/clock", json={"rate": 20})
        await until_state(alex, jobs[:1], "completed")
        first.kill()
        await until_state(alex, jobs, "completed")
        admin = Person(two, first.tenant_id, PUBLIC_CLIENT, "admin@contoso.example")
        await admin.sign_in_with_browser()
        usage = await admin.graph("GET", "/reports/dailyPrintUsageByUser", expect=(200,), note="")
        completed = sum(
            row["completedBlackAndWhiteJobCount"] + row["completedColorJobCount"] for row in usage["value"]
        )
        assert completed == len(jobs) == 9


async def until_delivered(connection: Wire, count: int) -> None:
    """Wait until so many notifications are recorded as delivered."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            attempts = (await connection.call("GET", f"{TENANT}/deliveries")).json()["value"]
            told = [each for each in attempts if each["purpose"] == "notification"]
            if [each["outcome"] for each in told] == ["delivered"] * count:
                return
            await asyncio.sleep(0.05)  # noqa: TID251 - another process has no event to wait for


async def until_state(person: Person, jobs: list[tuple[str, str]], state: str) -> None:
    """Wait until each of the jobs is in this state."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        for share_id, job_id in jobs:
            path = f"/print/shares/{share_id}/jobs/{job_id}"
            while (await person.graph("GET", path, expect=(200,), note=""))["status"]["state"] != state:
                await asyncio.sleep(0.05)  # noqa: TID251 - another process has no event to wait for
