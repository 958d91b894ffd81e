"""What every engine must do: basic contract, versions and looking back, concurrency, large listings, time."""

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from upsim.domain.clock import Clock
from upsim.domain.event_subscription import EventSubscription
from upsim.domain.events import Event
from upsim.domain.query import Query
from upsim.domain.refusals import NotFound, Refusal, RefusalKind
from upsim.domain.sign_in import DeviceNonce
from upsim.domain.snapshot import Snapshot
from upsim.domain.tenant import Tenant, TenantSettings
from upsim.domain.user import Group, User
from upsim.services.ports import SYSTEM, Changes, Store, Transaction, Unit

START = datetime(2026, 1, 5, 10, 0, tzinfo=UTC)


def a_user(identifier: str, name: str = "ada@contoso.example") -> User:
    return User(id=identifier, user_principal_name=name, display_name=name, password="p")


async def a_tenant(store: Store, tenant_id: str = "t1", seed: str = "seed", **settings: dict[str, int]) -> str:
    tenant = Tenant(
        id=tenant_id,
        display_name="Contoso",
        domains=(f"{tenant_id}.example",),
        seed=seed,
        settings=msgspec.convert(settings, TenantSettings),
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
        for nobody in ("no-such-tenant", SYSTEM):
            with pytest.raises(NotFound):
                await store.tenant(nobody)

    async def test_a_scan_of_a_tenant_that_is_gone_finds_nothing(self, store: Store) -> None:
        assert await store.scan("no-such-tenant", User, lambda user: [user.id]) == set()

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
            raise Refusal(RefusalKind.CONFLICTING, "No.")

        with pytest.raises(Refusal):
            await store.write(tenant, unit)
        assert await store.read(tenant, lambda tx: tx.find(Query(entity=User))) == []

    async def test_a_refused_unit_does_not_hurt_its_neighbours(self, store: Store) -> None:
        tenant = await a_tenant(store)

        def numbered(number: int) -> str:
            def unit(tx: Transaction) -> str:
                tx.put(a_user(f"u{number}"))
                if number % 3 == 0:
                    raise Refusal(RefusalKind.INVALID, "Every third is refused.")
                return f"u{number}"

            return unit  # type: ignore[return-value]

        units = [store.write(tenant, numbered(number)) for number in range(30)]  # type: ignore[arg-type]
        answers = await asyncio.gather(*units, return_exceptions=True)
        kept = {answer for answer in answers if isinstance(answer, str)}
        assert len(kept) == 20
        stored = await store.read(tenant, lambda tx: tx.find(Query(entity=User)))
        assert {user.id for user in stored} == kept

    async def test_a_unit_that_writes_reads_what_those_before_it_left(self, store: Store) -> None:
        def look(tx: Transaction) -> list[tuple[str, str]]:
            one, every = tx.get(User, "u1"), tx.find(Query(entity=User))
            tx.put(Group(id="g", display_name=str(tx.next_number("looks"))))
            assert one is None or one in every
            return [(user.id, user.user_principal_name) for user in every]

        tenant = await a_tenant(store)
        point = await store.read(tenant, lambda tx: tx.change_number)
        assert await store.write(tenant, look) == []
        await store.write(tenant, lambda tx: tx.put(a_user("u1", "a@contoso.example")))
        assert await store.write(tenant, look) == [("u1", "a@contoso.example")]
        await store.write(tenant, lambda tx: (tx.put(a_user("u1", "b@contoso.example")), tx.put(a_user("u2"))))
        assert await store.write(tenant, look) == [("u1", "b@contoso.example"), ("u2", "ada@contoso.example")]
        await store.write(tenant, lambda tx: tx.delete(a_user("u1")))
        assert await store.write(tenant, look) == [("u2", "ada@contoso.example")]
        await store.write(tenant, lambda tx: tx.history.rewind(point), is_long=True)
        assert await store.write(tenant, look) == []
        await store.write(tenant, lambda tx: tx.put(a_user("u3")))
        assert await store.write(tenant, look) == [("u3", "ada@contoso.example")]
        await store.write(tenant, lambda tx: tx.wipe(), is_long=True)
        assert await store.write(tenant, look) == []

    async def test_a_page_moves_up_where_something_before_it_goes(self, store: Store) -> None:
        def page(tx: Transaction) -> list[str]:
            return [user.id for user in tx.find(Query(entity=User, skip=1, limit=1))]

        tenant = await a_tenant(store)
        await store.write(tenant, lambda tx: [tx.put(a_user(f"u{number}")) for number in range(4)])
        units = [page, lambda tx: tx.delete(a_user("u0")), page, lambda tx: tx.put(a_user("t")), page]
        answers = await asyncio.gather(*(store.write(tenant, unit) for unit in units))  # type: ignore[arg-type]
        assert answers[::2] == [["u1"], ["u2"], ["u1"]]

    @pytest.mark.parametrize("is_together", [False, True])
    async def test_what_a_refused_unit_wrote_is_not_read_by_the_next(
        self, store: Store, is_together: bool
    ) -> None:
        def look(tx: Transaction) -> list[str]:
            tx.put(Group(id="g", display_name=str(tx.next_number("looks"))))
            return [
                user.user_principal_name for user in (tx.get(User, "u1"), *tx.find(Query(entity=User))) if user
            ]

        def change(tx: Transaction) -> None:
            tx.put(a_user("u1", "changed@contoso.example"))
            assert look(tx) == ["changed@contoso.example"] * 2
            raise Refusal(RefusalKind.CONFLICTING, "No.")

        def wipe(tx: Transaction) -> None:
            tx.wipe()
            assert look(tx) == []
            raise Refusal(RefusalKind.CONFLICTING, "No.")

        tenant = await a_tenant(store)
        await store.write(tenant, lambda tx: tx.put(a_user("u1", "kept@contoso.example")))
        units = [store.write(tenant, unit) for unit in (look, change, look, wipe, look)]  # type: ignore[arg-type]
        if is_together:
            answers = await asyncio.gather(*units, return_exceptions=True)
        else:
            answers = [(await asyncio.gather(unit, return_exceptions=True))[0] for unit in units]
        assert [isinstance(answer, Refusal) for answer in answers] == [False, True, False, True, False]
        assert answers[::2] == [["kept@contoso.example"] * 2] * 3

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

    async def test_numbered_things_of_one_instant_are_listed_by_their_number(self, store: Store) -> None:
        tenant = await a_tenant(store)

        def fill(tx: Transaction) -> None:
            for number in (10, 9, 100, 1):
                subscription = EventSubscription(
                    id=str(number), printer_id="p", owner="o", sees_jobs_of=None, events=(), created_at=START
                )
                tx.put(subscription)

        await store.write(tenant, fill)
        oldest, newest = Query(entity=EventSubscription), Query(entity=EventSubscription, is_newest_first=True)
        found = await store.read(tenant, lambda tx: (tx.find(oldest), tx.find(newest)))
        assert [each.id for each in found[0]] == ["1", "9", "10", "100"]
        assert [each.id for each in found[1]] == ["100", "10", "9", "1"]

    async def test_no_unit_has_an_earlier_instant_than_one_before_it(self, store: Store) -> None:
        tenant = await a_tenant(store)
        instants: list[datetime] = []
        for _ in range(3):
            instants += await asyncio.gather(*(store.write(tenant, lambda tx: tx.now) for _ in range(20)))
        assert instants == sorted(instants)

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

    async def test_entities_are_counted_by_tag_and_by_what_is_due(self, store: Store) -> None:
        tenant = await a_tenant(store)
        now = await store.now(tenant)

        def fill(tx: Transaction) -> dict[str, int]:
            for number in range(5):
                tx.put(DeviceNonce(id=f"n{number}", expires_at=now + timedelta(seconds=number - 3)))
                tx.put(a_user(f"u{number}"))
            tx.delete(a_user("u4"))
            return tx.tally(User)  # the unit's own changes count

        assert sum((await store.write(tenant, fill)).values()) == 4
        assert sum((await store.read(tenant, lambda tx: tx.tally(User))).values()) == 4
        assert await store.read(tenant, lambda tx: tx.tally(Group)) == {}
        overdue = await store.read(tenant, lambda tx: tx.overdue())
        assert set(overdue) == {DeviceNonce.kind}
        assert overdue[DeviceNonce.kind] >= 4  # the clock has gone on since

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

    async def test_a_read_shows_every_change_before_it_and_none_of_another_tenant(self, store: Store) -> None:
        tenant, other = await a_tenant(store, "t1", history={"changes_max": 10}), await a_tenant(store, "t2")

        def names(tx: Transaction) -> tuple[int, list[str]]:
            users = tx.find(Query(entity=User))
            return tx.tenant.settings.history.changes_max, [user.id for user in users]

        async def found(tenant_id: str = tenant) -> tuple[int, list[str]]:
            first, second = [await store.read(tenant_id, names) for _ in range(2)]
            assert first == second
            return first

        assert await found() == (10, [])
        await store.write(tenant, lambda tx: tx.put(a_user("u1")))
        assert (await found(), (await found(other))[1]) == ((10, ["u1"]), [])
        await store.write(other, lambda tx: tx.put(a_user("u2")))
        assert (await found(), (await found(other))[1]) == ((10, ["u1"]), ["u2"])
        await a_tenant(store, "t1", history={"changes_max": 20})
        assert await found() == (20, ["u1"])
        await store.write(tenant, lambda tx: tx.delete(a_user("u1")))
        assert await found() == (20, [])

    async def test_whoever_was_answered_reads_their_own_change(self, store: Store) -> None:
        tenant = await a_tenant(store)

        async def add_and_read(number: int) -> None:
            await store.write(tenant, lambda tx: tx.put(a_user(f"u{number}", f"{number}@contoso.example")))
            found = await store.read(tenant, lambda tx: {user.id for user in tx.find(Query(entity=User))})
            assert f"u{number}" in found

        await asyncio.gather(*[add_and_read(number) for number in range(100)])

    async def test_history_is_bounded(self, store: Store) -> None:
        tenant = await a_tenant(store, history={"changes_max": 10})
        changes = [
            store.write(tenant, lambda tx, n=number: tx.put(a_user("u1", f"n{n}@contoso.example")))
            for number in range(2050)
        ]
        await asyncio.gather(*changes)
        user = await store.read(tenant, lambda tx: tx.get(User, "u1"))
        assert user is not None
        assert user.user_principal_name == "n2049@contoso.example"
        with pytest.raises(Refusal, match="history"):
            await store.read(tenant, lambda tx: tx.get(User, "u1"), as_of=100)
        recent = await store.read(tenant, lambda tx: tx.get(User, "u1"), as_of=2046)  # the tenant was change 1
        assert recent is not None
        assert recent.user_principal_name == "n2044@contoso.example"

    async def test_every_change_can_be_looked_back_at(self, store: Store) -> None:
        tenant = await a_tenant(store)

        def named(name: str) -> Unit[int]:
            def unit(tx: Transaction) -> int:
                tx.put(a_user("u1", name))
                tx.put(a_user("u2", "two@contoso.example"))
                tx.new_id()
                return tx.change_number

            return unit

        numbers = [await store.write(tenant, named(f"{name}@contoso.example")) for name in "abc"]
        await store.write(tenant, lambda tx: tx.delete(a_user("u1")))

        def seen(tx: Transaction) -> tuple[User | None, list[str], int]:
            return tx.get(User, "u1"), [user.id for user in tx.find(Query(entity=User))], tx.change_number

        for number, name in zip(numbers, "abc", strict=True):
            user = a_user("u1", f"{name}@contoso.example")
            assert await store.read(tenant, seen, as_of=number) == (user, ["u1", "u2"], number)
        assert await store.read(tenant, seen, as_of=0) == (None, [], 0)
        assert await store.read(tenant, seen) == (None, ["u2"], numbers[-1] + 1)

    async def test_a_rewound_tenant_is_as_it_was(self, store: Store) -> None:
        """Rows, counters and the ids that come next; and the rewind can be taken back itself."""
        tenant = await a_tenant(store)

        def grow(tx: Transaction) -> tuple[int, int, str]:
            number = tx.next_number("job")
            tx.put(a_user(f"u{number}"))
            tx.put(a_user("changing", f"after{number}@contoso.example"))
            return tx.change_number, number, tx.new_id()

        first, second, third = [await store.write(tenant, grow) for _ in range(3)]
        await store.write(tenant, lambda tx: tx.delete(a_user("u1")))
        gone = await store.read(tenant, lambda tx: tx.change_number)
        before = await store.read(tenant, users, as_of=first[0])
        await store.write(tenant, lambda tx: tx.history.rewind(first[0]))
        rewound = await store.read(tenant, lambda tx: tx.change_number)
        assert rewound == gone + 1
        assert await store.read(tenant, users) == before == {"u1": "ada", "changing": "after1"}
        again = [await store.write(tenant, grow) for _ in range(2)]
        assert [made[1:] for made in again] == [second[1:], third[1:]]  # the same job numbers and ids
        await store.write(tenant, lambda tx: tx.history.rewind(gone))
        assert await store.read(tenant, users) == {"u2": "ada", "u3": "ada", "changing": "after3"}
        assert await store.write(tenant, lambda tx: tx.next_number("job")) == 4
        assert await store.read(tenant, users, as_of=second[0]) == {"u1": "ada", "u2": "ada", "changing": "after2"}

    async def test_a_counter_begun_since_begins_again_after_a_rewind(self, store: Store) -> None:
        tenant = await a_tenant(store)
        await store.write(tenant, lambda tx: tx.put(a_user("u1")))
        point = await store.read(tenant, lambda tx: tx.change_number)
        assert [await store.write(tenant, lambda tx: tx.next_number("n")) for _ in range(2)] == [1, 2]
        await store.write(tenant, lambda tx: tx.history.rewind(point))
        assert await store.write(tenant, lambda tx: tx.next_number("n")) == 1

    async def test_a_refused_rewind_changes_nothing(self, store: Store) -> None:
        tenant = await a_tenant(store)
        await store.write(tenant, lambda tx: (tx.put(a_user("u1")), tx.next_number("n")))

        def refusal(tx: Transaction) -> None:
            tx.history.rewind(0)
            raise Refusal(RefusalKind.INVALID, "No.")

        with pytest.raises(Refusal):
            await store.write(tenant, refusal)
        assert await store.read(tenant, users) == {"u1": "ada"}
        assert await store.write(tenant, lambda tx: tx.next_number("n")) == 2
        one = await store.write(tenant, lambda tx: (tx.put(a_user("u2")), tx.new_id()))
        assert one != await store.write(tenant, lambda tx: (tx.put(a_user("u2")), tx.new_id()))

    async def test_a_copy_goes_on_like_its_origin(self, store: Store) -> None:
        origin, copy = await a_tenant(store, "t1"), await a_tenant(store, "t2")
        for number in range(3):
            await store.write(origin, lambda tx, n=number: (tx.put(a_user(f"u{n}")), tx.next_number("job")))
        point = await store.read(origin, lambda tx: tx.change_number)
        await store.write(origin, lambda tx: tx.delete(a_user("u0")))
        await store.write(copy, lambda tx: tx.history.copy(origin, point))
        assert await store.read(copy, users) == {"u0": "ada", "u1": "ada", "u2": "ada"}
        assert await store.write(copy, lambda tx: tx.next_number("job")) == 4
        await store.write(copy, lambda tx: tx.delete(a_user("u1")))
        assert await store.read(origin, users) == {"u1": "ada", "u2": "ada"}
        assert await store.write(origin, lambda tx: tx.next_number("job")) == 4

    async def test_two_points_differ_in_what_was_changed_between_them(self, store: Store) -> None:
        tenant = await a_tenant(store)
        await store.write(tenant, lambda tx: [tx.put(a_user(name)) for name in ("kept", "changed", "removed")])
        first = await store.read(tenant, lambda tx: tx.change_number)
        await store.write(
            tenant, lambda tx: (tx.put(a_user("changed", "x@contoso.example")), tx.put(a_user("new")))
        )
        await store.write(tenant, lambda tx: (tx.delete(a_user("removed")), tx.put(a_user("passing"))))
        await store.write(tenant, lambda tx: (tx.delete(a_user("passing")), tx.put(a_user("kept"))))
        last = await store.read(tenant, lambda tx: tx.change_number)
        found = await store.read(tenant, lambda tx: tx.history.differences(first, last))
        assert [(item.id, item.before is not None, item.after is not None) for item in found] == [
            ("changed", True, True),
            ("new", False, True),
            ("removed", True, False),
        ]
        rows = await store.read(tenant, lambda tx: tx.history.rows(last))
        assert sorted(row.id for row in rows) == ["changed", "kept", "new"]

    async def test_what_a_tenant_is_belongs_to_its_history(self, store: Store) -> None:
        tenant = await a_tenant(store)
        before = await store.read(tenant, lambda tx: tx.change_number)
        frozen = Tenant(
            id=tenant, display_name="C", domains=("t1.example",), seed="s", clock=Clock(frozen_at=START)
        )
        await store.write(SYSTEM, lambda tx: tx.put(frozen))
        after = await store.read(tenant, lambda tx: tx.change_number)
        assert after == before + 1
        clocks = [
            (await store.read(tenant, lambda tx: tx.get(Tenant, tenant), as_of=point)).clock  # type: ignore[union-attr]
            for point in (before, after)
        ]
        assert clocks == [Clock(), Clock(frozen_at=START)]

    async def test_a_snapshot_outlives_the_bounds_of_history(self, store: Store) -> None:
        tenant = await a_tenant(store, history={"changes_max": 10})

        def count(tx: Transaction) -> int:
            tx.put(a_user("u1", f"n{tx.next_number('n')}@contoso.example"))
            return tx.change_number

        points = [await store.write(tenant, count) for _ in range(4)]
        kept = Snapshot(id="s", tenant_id=tenant, name="kept", change=points[1], taken_at=START, made_at=START)
        await store.write(SYSTEM, lambda tx: tx.put(kept))
        await asyncio.gather(*(store.write(tenant, count) for _ in range(1100)))
        for point in (points[0], points[2]):
            with pytest.raises(Refusal, match="history"):
                await store.read(tenant, users, as_of=point)
        assert await store.read(tenant, users, as_of=points[1]) == {"u1": "n2"}
        await store.write(tenant, lambda tx: tx.history.rewind(points[1]))
        assert await store.read(tenant, users) == {"u1": "n2"}
        assert await store.write(tenant, lambda tx: tx.next_number("n")) == 3

    async def test_history_is_bounded_by_rows_too(self, store: Store) -> None:
        tenant = await a_tenant(store, history={"rows_max": 20})
        for _ in range(40):
            point = await store.read(tenant, lambda tx: tx.change_number)
            await store.write(tenant, lambda tx: [tx.put(a_user(f"u{number}")) for number in range(10)])
            await store.write(tenant, lambda tx, point=point: tx.history.rewind(point))
        with pytest.raises(Refusal, match="history"):
            await store.read(tenant, users, as_of=3)

    async def test_a_wiped_tenant_begins_as_a_new_one(self, store: Store) -> None:
        def begin(tx: Transaction) -> tuple[int, str, int]:
            tx.put(a_user("u1"))
            return tx.change_number, tx.new_id(), tx.next_number("n")

        def renew(tx: Transaction) -> tuple[int, str, int]:
            tx.wipe()
            return begin(tx)

        tenant = await a_tenant(store)
        first = await store.write(tenant, begin)
        await store.write(tenant, lambda tx: tx.put(a_user("u2")))
        await store.write(tenant, lambda tx: tx.history.rewind(1))
        assert await store.write(tenant, renew) == first
        await store.write(tenant, lambda tx: tx.wipe(for_good=True))
        await store.write(
            SYSTEM, lambda tx: tx.delete(Tenant(id=tenant, display_name="", domains=("x",), seed=""))
        )
        assert await a_tenant(store) == tenant
        assert await store.write(tenant, begin) == first

    async def test_a_limit_that_was_counted_holds(self, store: Store) -> None:
        """Phantoms: a hundred units count before they add, and five may."""
        tenant = await a_tenant(store)
        answers = await asyncio.gather(
            *(store.write(tenant, unless_full(number, 5)) for number in range(100)), return_exceptions=True
        )
        assert sum(isinstance(answer, Refusal) for answer in answers) == 95
        assert len(await store.read(tenant, lambda tx: tx.find(Query(entity=User)))) == 5

    async def test_a_large_listing_is_complete_and_in_order(self, store: Store) -> None:
        tenant = await a_tenant(store)

        def fill(tx: Transaction) -> None:
            for number in range(3000):
                tx.put(a_user(f"u{number:05}", "x" * 100))

        await store.write(tenant, fill)
        found = await store.read(tenant, lambda tx: tx.find(Query(entity=User)))
        assert [user.id for user in found] == [f"u{number:05}" for number in range(3000)]
        page = await store.read(tenant, lambda tx: tx.find(Query(entity=User, skip=2990, limit=100)))
        assert [user.id for user in page] == [f"u{number:05}" for number in range(2990, 3000)]

    async def test_text_is_ordered_by_its_bytes_and_kept_as_it_is(self, store: Store) -> None:
        tenant = await a_tenant(store)
        names = ["B", "a", "b", "\u00c4", "\u4e2d", "\U0001f5a8", "'; DROP TABLE entity --", "%s :name"]
        await store.write(tenant, lambda tx: [tx.put(a_user(name, name)) for name in names])
        found = await store.read(tenant, lambda tx: tx.find(Query(entity=User)))
        assert [user.id for user in found] == sorted(names, key=str.encode)
        assert [user.user_principal_name for user in found] == sorted(names, key=str.encode)

    async def test_a_waiting_reader_is_woken_after_the_commit(self, store: Store) -> None:
        tenant, other = await a_tenant(store, "t1"), await a_tenant(store, "t2")
        with store.changes(tenant) as changes:
            assert await eventually_quiet(changes)
            await store.write(other, lambda tx: tx.put(a_user("u1")))
            assert not await changes.wait(0.05)
            await store.write(tenant, lambda tx: tx.put(a_user("u1")))  # before the wait: it must count
            assert await changes.wait(5)
            assert await store.read(tenant, lambda tx: tx.get(User, "u1")) is not None
            await store.write(SYSTEM, lambda tx: tx.put(DeviceNonce(id="n", expires_at=START)))
            assert await changes.wait(5)  # a clock may have moved

    async def test_a_refused_unit_wakes_nobody(self, store: Store) -> None:
        tenant = await a_tenant(store)

        def refusal(tx: Transaction) -> None:
            tx.new_id()
            raise Refusal(RefusalKind.INVALID, "No.")

        with store.changes(tenant) as changes:
            assert await eventually_quiet(changes)
            with pytest.raises(Refusal):
                await store.write(tenant, refusal)
            assert not await changes.wait(0.1)

    async def test_due_work_is_leased_to_one_caller_at_a_time(self, store: Store) -> None:
        tenant = await a_tenant(store)
        now = await store.now(tenant)

        def fill(tx: Transaction) -> None:
            for number in range(20):
                tx.put(DeviceNonce(id=f"n{number:02}", expires_at=now - timedelta(seconds=20 - number)))
            tx.put(DeviceNonce(id="later", expires_at=now + timedelta(hours=1)))

        await store.write(tenant, fill)
        claims = await asyncio.gather(*(store.claim(tenant, DeviceNonce, limit=4) for _ in range(8)))
        taken = [nonce.id for claim in claims for nonce in claim]
        assert len(taken) == len(set(taken))
        taken += [nonce.id for nonce in await store.claim(tenant, DeviceNonce, limit=100)]
        assert sorted(taken) == [f"n{number:02}" for number in range(20)]
        assert await store.claim(tenant, DeviceNonce) == []

    async def test_a_lease_that_ran_out_is_given_to_another(self, store: Store) -> None:
        tenant = await a_tenant(store)
        due = await store.now(tenant) - timedelta(seconds=1)
        await store.write(tenant, lambda tx: tx.put(DeviceNonce(id="n", expires_at=due)))
        (first,) = await store.claim(tenant, DeviceNonce, lease_seconds=-1)  # its node died long ago
        (again,) = await store.claim(tenant, DeviceNonce)
        assert first == again
        await store.write(tenant, lambda tx: tx.put(again))  # put back: free at once
        assert await store.claim(tenant, DeviceNonce) == [again]


def users(tx: Transaction) -> dict[str, str]:
    """Every user's id and the first part of the name."""
    return {user.id: user.user_principal_name.partition("@")[0] for user in tx.find(Query(entity=User))}


def unless_full(number: int, limit: int) -> Unit[None]:
    """A unit that adds a user unless there are enough."""

    def unit(tx: Transaction) -> None:
        if len(tx.find(Query(entity=User))) >= limit:
            raise Refusal(RefusalKind.CONFLICTING, "Full.")
        tx.put(a_user(f"u{number}"))

    return unit


async def eventually_quiet(changes: Changes) -> bool:
    """Let the wake-ups of what was done before pass by."""
    while await changes.wait(0.3):
        pass
    return True
