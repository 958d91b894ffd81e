"""What is recalled is bounded by number and by octets, and forgotten when its tenant changes."""

from upsim.services.ports import SYSTEM
from upsim.storage.recollections import BYTES_MAX, RESULTS_MAX, Recollections


def test_results_are_kept_until_their_tenant_changes() -> None:
    kept = Recollections()
    kept.of("a").keep("key", 1)
    kept.of("b").keep("key", 2)
    assert (kept.of("a")["key"], kept.of("b")["key"]) == (1, 2)
    kept.forget(["a"])
    assert "key" not in kept.of("a")
    assert kept.of("b")["key"] == 2
    kept.forget([SYSTEM])
    assert "key" not in kept.of("b")


def test_a_reader_that_was_overtaken_leaves_nothing_behind() -> None:
    kept = Recollections()
    before = kept.of("a")
    kept.forget(["a"])
    before.keep("key", "old")
    assert "key" not in kept.of("a")


def test_neither_many_results_nor_large_ones_pile_up() -> None:
    kept = Recollections()
    for number in range(RESULTS_MAX + 1):
        kept.of("a").keep(number, number)
    assert len(kept.of("a")) == 1
    page = bytes(BYTES_MAX // 4)
    for number in range(5):
        kept.of("b").keep(number, page)
    assert list(kept.of("b")) == [4]
