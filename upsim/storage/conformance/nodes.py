"""What engines must do that several nodes share."""

import asyncio
import time
from datetime import timedelta

from upsim.domain.clock import Clock
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal
from upsim.domain.sign_in import DeviceNonce
from upsim.domain.tenant import Tenant
from upsim.domain.user import User
from upsim.services.ports import SYSTEM, Store, Transaction
from upsim.storage.conformance.stores import START, a_tenant, a_user, eventually_quiet, unless_full


class NodesConformance:
    """What engines must do that several nodes share. Each test gets two stores on one empty state."""

    async def test_lost_updates_and_phantoms_do_not_happen_across_nodes(self, nodes: tuple[Store, Store]) -> None:
        tenant = await a_tenant(nodes[0])
        answers = await asyncio.gather(
            *(nodes[number % 2].write(tenant, unless_full(number, 7)) for number in range(60)),
            return_exceptions=True,
        )
        assert sum(isinstance(answer, Refusal) for answer in answers) == 53
        numbers = await asyncio.gather(
            *(nodes[number % 2].write(tenant, lambda tx: tx.next_number("job")) for number in range(60))
        )
        assert sorted(numbers) == list(range(1, 61))

    async def test_a_clock_moved_on_one_node_is_moved_on_the_other(self, nodes: tuple[Store, Store]) -> None:
        one, two = nodes
        tenant = await a_tenant(one)
        await two.now(tenant)
        for day in range(1, 20):
            frozen = START + timedelta(days=day)
            moved = Tenant(id=tenant, display_name="C", domains=("c",), seed="s", clock=Clock(frozen_at=frozen))
            await one.write(SYSTEM, lambda tx, value=moved: tx.put(value))
            assert await two.now(tenant) == frozen
            assert await two.write(tenant, lambda tx: tx.now) == frozen

    async def test_a_change_on_one_node_wakes_readers_on_the_other(self, nodes: tuple[Store, Store]) -> None:
        one, two = nodes
        tenant = await a_tenant(one)
        with two.changes(tenant) as changes:
            assert await eventually_quiet(changes)
            began = time.perf_counter()
            await one.write(tenant, lambda tx: tx.put(a_user("u1")))
            assert await changes.wait(5)
            assert time.perf_counter() - began < 1  # told, not found by polling
            assert await two.read(tenant, lambda tx: tx.get(User, "u1")) is not None

    async def test_what_one_node_changed_both_read(self, nodes: tuple[Store, Store]) -> None:
        one, two = nodes
        tenant = await a_tenant(one)

        async def found() -> list[list[str]]:
            def ids(tx: Transaction) -> list[str]:
                return [user.id for user in tx.find(Query(entity=User))]

            return [await node.read(tenant, ids) for node in (one, one, two, two)]

        for turn in range(10):
            users = [a_user(f"u1-{turn}"), a_user(f"u2-{turn}")]
            for user in users:  # a wiped tenant counts its changes anew
                await nodes[turn % 2].write(tenant, lambda tx, user=user: tx.put(user))  # type: ignore[misc]
            assert await found() == [[user.id for user in users]] * 4
            await nodes[turn % 2].write(tenant, lambda tx: tx.wipe())
            assert await found() == [[]] * 4

    async def test_due_work_is_claimed_by_one_node(self, nodes: tuple[Store, Store]) -> None:
        tenant = await a_tenant(nodes[0])
        due = await nodes[0].now(tenant) - timedelta(seconds=1)

        def fill(tx: Transaction) -> None:
            for number in range(40):
                tx.put(DeviceNonce(id=f"n{number}", expires_at=due))

        await nodes[0].write(tenant, fill)
        claims = await asyncio.gather(*(nodes[turn % 2].claim(tenant, DeviceNonce, limit=4) for turn in range(12)))
        taken = [nonce.id for claim in claims for nonce in claim]
        assert len(taken) == len(set(taken))
