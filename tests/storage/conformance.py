"""What every engine must do. `StoreConformance` is inherited by the tests of each engine."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from upsim.domain.events import Event
from upsim.domain.faults import Fault, NotFound, Refused
from upsim.domain.query import Query
from upsim.domain.sign_in import DeviceNonce
from upsim.domain.tenant import Clock, Tenant, TenantSettings
from upsim.domain.user import Group, User
from upsim.services.ports import SYSTEM, Store, Transaction

START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


def a_user(identifier: str, name: str = "ada@contoso.example") -> User:
    return User(id=identifier, user_principal_name=name, display_name=name, password="p")


async def a_tenant(store: Store, tenant_id: str = "t1", seed: str = "seed", **settings: int) -> str:
    tenant = Tenant(
        id=tenant_id,
        display_name="Contoso",
        domains=(f"{tenant_id}.example",),
        seed=seed,
        settings=TenantSettings(**settings),
    )
    await store.write(SYSTEM, lambda tx: tx.put(tenant))
    return tenant_id


class StoreConformance:
    """Each test gets an empty `store` from the engine's own fixture."""

    async def test_what_was_put_is_got_back(self, store: Store) -> None:
        tenant = await a_tenant(store)
        await store.write(tenant, lambda tx: tx.put(a_user("u1")))
        assert await store.read(tenant, lambda tx: tx.get(User, "u1")) == a_user("u1")

    async def test_an_absent_thing_is_none(self, store: Store) -> None:
        tenant = await a_tenant(store)
        assert await store.read(tenant, lambda tx: tx.get(User, "nobody")) is None

    async def test_an_unknown_tenant_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFound):
            await store.read("no-such-tenant", lambda tx: tx.get(User, "u1"))
        with pytest.raises(NotFound):
            await store.write("no-such-tenant", lambda tx: tx.put(a_user("u1")))
        with pytest.raises(NotFound):
            await store.now("no-such-tenant")

    async def test_tenants_do_not_see_each_other(self, store: Store) -> None:
        one, two = await a_tenant(store, "t1"), await a_tenant(store, "t2")
        await store.write(one, lambda tx: tx.put(a_user("u1")))
        assert await store.read(two, lambda tx: tx.get(User, "u1")) is None
        assert await store.read(two, lambda tx: tx.find(Query(entity=User))) == []

    async def test_a_refused_unit_leaves_nothing_behind(self, store: Store) -> None:
        tenant = await a_tenant(store)

        def unit(tx: Transaction) -> None:
            tx.put(a_user("u1"))
            tx.emit(Event(name="user.created", subject="u1"))
            raise Refused(Fault.CONFLICTING, "No.")

        with pytest.raises(Refused):
            await store.write(tenant, unit)
        assert await store.read(tenant, lambda tx: tx.find(Query(entity=User))) == []

    async def test_a_refused_unit_does_not_hurt_its_neighbours(self, store: Store) -> None:
        tenant = await a_tenant(store)

        def numbered(number: int) -> str:
            def unit(tx: Transaction) -> str:
                tx.put(a_user(f"u{number}"))
                if number % 3 == 0:
                    raise Refused(Fault.INVALID, "Every third is refused.")
                return f"u{number}"

            return unit  # type: ignore[return-value]

        units = [store.write(tenant, numbered(number)) for number in range(30)]  # type: ignore[arg-type]
        answers = await asyncio.gather(*units, return_exceptions=True)
        kept = {answer for answer in answers if isinstance(answer, str)}
        assert len(kept) == 20
        stored = await store.read(tenant, lambda tx: tx.find(Query(entity=User)))
        assert {user.id for user in stored} == kept

    async def test_a_unit_sees_its_own_changes(self, store: Store) -> None:
        tenant = await a_tenant(store)

        def unit(tx: Transaction) -> tuple[object, int, object]:
            tx.put(a_user("u1", "one@contoso.example"))
            tx.put(a_user("u1", "two@contoso.example"))
            found = tx.find(Query(entity=User, key="two@contoso.example"))
            tx.delete(found[0])
            return found[0].user_principal_name, len(found), tx.get(User, "u1")

        assert await store.write(tenant, unit) == ("two@contoso.example", 1, None)

    async def test_lost_updates_do_not_happen(self, store: Store) -> None:
        tenant = await a_tenant(store)
        await store.write(tenant, lambda tx: tx.put(Group(id="g", display_name="g")))

        def join(number: int) -> None:
            def unit(tx: Transaction) -> None:
                group = tx.get(Group, "g")
                assert group is not None
                tx.put(Group(id="g", display_name="g", members=(*group.members, str(number))))

            return unit  # type: ignore[return-value]

        await asyncio.gather(*(store.write(tenant, join(number)) for number in range(50)))  # type: ignore[arg-type]
        group = await store.read(tenant, lambda tx: tx.get(Group, "g"))
        assert group is not None
        assert sorted(group.members, key=int) == [str(number) for number in range(50)]

    async def test_counters_count_without_gaps_or_repeats(self, store: Store) -> None:
        tenant = await a_tenant(store)
        numbers = await asyncio.gather(*(store.write(tenant, lambda tx: tx.next_number("job")) for _ in range(40)))
        assert sorted(numbers) == list(range(1, 41))

    async def test_queries_use_columns_predicate_order_and_limits(self, store: Store) -> None:
        tenant = await a_tenant(store)

        def fill(tx: Transaction) -> None:
            for number in range(10):
                due = START + timedelta(seconds=number)
                tx.put(DeviceNonce(id=f"n{number}", expires_at=due))
                tx.put(a_user(f"u{number}", f"u{number % 2}@contoso.example"))

        await store.write(tenant, fill)

        def ids(query: Query[User]) -> list[str]:
            return [user.id for user in found[query]]

        odd = Query(entity=User, key="u1@contoso.example")
        high = Query(entity=User, accepts=lambda user: int(user.id[1:]) > 4, skip=1, limit=2)
        page = Query(entity=User, skip=8, limit=5)
        newest = Query(entity=User, is_newest_first=True, limit=1)
        found = {
            query: await store.read(tenant, lambda tx, q=query: tx.find(q)) for query in (odd, high, page, newest)
        }
        assert ids(odd) == ["u1", "u3", "u5", "u7", "u9"]
        assert ids(high) == ["u6", "u7"]
        assert ids(page) == ["u8", "u9"]
        assert ids(newest) == ["u9"]

    async def test_the_expired_are_forgotten_and_returned(self, store: Store) -> None:
        tenant = await a_tenant(store)
        now = await store.now(tenant)

        def fill(tx: Transaction) -> None:
            tx.put(DeviceNonce(id="old", expires_at=now - timedelta(seconds=1)))
            tx.put(DeviceNonce(id="new", expires_at=now + timedelta(hours=1)))

        await store.write(tenant, fill)
        gone = await store.write(tenant, lambda tx: tx.forget_expired(DeviceNonce))
        assert [nonce.id for nonce in gone] == ["old"]
        left = await store.read(tenant, lambda tx: tx.find(Query(entity=DeviceNonce)))
        assert [nonce.id for nonce in left] == ["new"]

    async def test_ids_follow_from_the_seed(self, store: Store) -> None:
        one, two = await a_tenant(store, "t1", seed="same"), await a_tenant(store, "t2", seed="other")
        first = await store.write(one, lambda tx: (tx.new_id(), tx.new_id(), tx.new_secret()))
        second = await store.write(one, lambda tx: (tx.new_id(), tx.new_id(), tx.new_secret()))
        other = await store.write(two, lambda tx: (tx.new_id(), tx.new_id(), tx.new_secret()))
        assert len({*first, *second, *other}) == 9

    async def test_a_changed_clock_is_seen_at_once(self, store: Store) -> None:
        tenant = await a_tenant(store)
        frozen = START + timedelta(days=400)

        def stop(tx: Transaction) -> None:
            found = tx.get(Tenant, tenant)
            assert found is not None
            tx.put(
                Tenant(
                    id=found.id, display_name="C", domains=found.domains, seed="s", clock=Clock(frozen_at=frozen)
                )
            )

        before = await store.now(tenant)
        await store.write(SYSTEM, stop)
        assert before != frozen
        assert await store.now(tenant) == frozen
        assert await store.read(tenant, lambda tx: tx.now) == frozen
        assert await store.write(tenant, lambda tx: tx.now) == frozen

    async def test_history_is_bounded(self, store: Store) -> None:
        tenant = await a_tenant(store, history_changes_max=10)
        for number in range(2050):
            await store.write(tenant, lambda tx, n=number: tx.put(a_user("u1", f"n{n}@contoso.example")))
        user = await store.read(tenant, lambda tx: tx.get(User, "u1"))
        assert user is not None
        assert user.user_principal_name == "n2049@contoso.example"
        assert await self.count_versions(store, tenant) < 1100

    async def count_versions(self, store: Store, tenant: str) -> int:
        """How many versions of entities the engine holds for a tenant."""
        raise NotImplementedError
