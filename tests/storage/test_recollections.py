"""What is recalled is bounded by number and by octets, and forgotten when what it was read from changes."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from upsim.domain.events import Event
from upsim.domain.query import Query
from upsim.domain.user import User
from upsim.services.ports import SYSTEM, Transaction
from upsim.storage.conformance.stores import START, a_tenant, a_user
from upsim.storage.recollections import BYTES_MAX, EVERYTHING, RESULTS_MAX, Recollection, Recollections
from upsim.storage.sqlite.engine import SqliteStore


def found(result: object, *kinds: str, since: int = 0) -> Recollection:
    return Recollection(result, frozenset(kinds), since)


def test_results_are_kept_until_what_they_were_read_from_changes() -> None:
    kept = Recollections()
    kept.of("a").keep("key", found(1, "user"))
    kept.of("b").keep("key", found(2, "user"))
    kept.forget({"a": ["job"]})
    assert kept.of("a").find("key") == found(1, "user")
    kept.forget({"a": ["job", "user"]})
    assert kept.of("a").find("key") is None
    kept.of("a").keep("key", found(3, "user", since=kept.of("a").turn))
    assert kept.of("a").find("key") is not None
    assert kept.of("b").find("key") == found(2, "user")
    kept.forget({SYSTEM: [EVERYTHING]})
    assert kept.of("b").find("key") is None


def test_what_looked_at_everything_is_forgotten_at_any_change_and_all_at_a_change_of_everything() -> None:
    kept = Recollections()
    kept.of("a").keep("number", found(1, EVERYTHING))
    kept.of("a").keep("names", found([], "user"))
    kept.forget({"a": ["job"]})
    assert kept.of("a").find("number") is None
    assert kept.of("a").find("names") is not None
    kept.forget({"a": [EVERYTHING]})
    assert kept.of("a").find("names") is None


@pytest.mark.parametrize("changed", ["user", EVERYTHING])
def test_a_reader_that_was_overtaken_leaves_nothing_behind(changed: str) -> None:
    kept = Recollections()
    before = kept.of("a")
    since = before.turn
    kept.forget({"a": [changed]})
    before.keep("key", found("old", "user", since=since))
    assert kept.of("a").find("key") is None


def test_results_of_another_stamp_are_forgotten() -> None:
    kept = Recollections()
    kept.of("a", "1").keep("key", found("one"))
    assert kept.of("a", "1").find("key") == found("one")
    assert kept.of("a", "2").find("key") is None
    assert kept.of("a", "1").find("key") is None


def test_neither_many_results_nor_large_ones_pile_up() -> None:
    kept = Recollections()
    for number in range(RESULTS_MAX + 1):
        kept.of("a").keep(number, found(number))
    assert [number for number in range(RESULTS_MAX + 1) if kept.of("a").find(number)] == [RESULTS_MAX]
    page = bytes(BYTES_MAX // 4)
    for number in range(5):
        kept.of("b").keep(number, found(page))
    assert [number for number in range(5) if kept.of("b").find(number)] == [4]


def test_a_result_that_takes_the_place_of_another_counts_alone() -> None:
    kept = Recollections()
    page = bytes(BYTES_MAX // 4)
    kept.of("a").keep("other", found(1))
    for _ in range(9):
        kept.of("a").keep("page", found(page))
    assert kept.of("a").find("other") is not None


@pytest.mark.parametrize("place", ["memory", "file"])
async def test_a_unit_is_run_again_only_for_what_it_looked_at(place: str, tmp_path: Path) -> None:
    def now() -> datetime:
        return START.astimezone(UTC)

    store = SqliteStore.open_memory(now) if place == "memory" else await SqliteStore.open_file(tmp_path / "s", now)
    runs = []

    def users(tx: Transaction) -> set[str]:
        runs.append(tx.tenant_id)
        return {user.id for user in tx.find(Query(entity=User))}

    async def recalled() -> tuple[set[str], int]:
        return await store.recall(tenant, "users", users), len(runs)

    tenant = await a_tenant(store)
    assert [await recalled(), await recalled()] == [(set(), 1), (set(), 1)]
    await store.write(tenant, lambda tx: tx.emit(Event(name="job.created", subject="1", facts={})))
    assert await recalled() == (set(), 1)
    await store.write(tenant, lambda tx: tx.put(a_user("u1")))
    before = await store.read(tenant, lambda tx: tx.change_number)
    assert await recalled() == ({"u1"}, 2)
    await store.write(tenant, lambda tx: tx.put(a_user("u2", "u2@contoso.example")))
    assert await recalled() == ({"u1", "u2"}, 3)
    await store.write(tenant, lambda tx: tx.history.rewind(before))
    assert await recalled() == ({"u1"}, 4)
    await store.write(tenant, lambda tx: tx.wipe())
    assert await recalled() == (set(), 5)
    await store.close()
