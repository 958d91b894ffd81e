"""The same units in the same order do the same on all engines, however they share a transaction.

`UPSIM_AGREE_SEEDS` plays more of them than the tests do.
"""

import asyncio
import os
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import PostgresServer
from upsim.domain.events import Event
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.sign_in import DeviceNonce
from upsim.domain.user import Group, User
from upsim.services.ports import Store, Transaction
from upsim.storage.conformance.stores import START, a_tenant, a_user
from upsim.storage.postgres.engine import PostgresStore
from upsim.storage.sqlite.engine import SqliteStore

UNITS = 300
SEEDS = int(os.environ.get("UPSIM_AGREE_SEEDS", "4"))
Step = Callable[[Transaction], Any]


def a_step(dice: random.Random) -> Step:
    """One thing that a unit may do; what it answers is compared."""
    number, other = dice.randrange(12), dice.randrange(3)
    name = f"u{other}@contoso.example"
    moment = START + timedelta(seconds=dice.randrange(-3, 4))
    steps: list[Step] = [
        lambda tx: tx.get(User, f"u{number}"),
        lambda tx: tx.get(DeviceNonce, f"n{number}"),
        lambda tx: tx.put(a_user(f"u{number}", name)),
        lambda tx: tx.put(DeviceNonce(id=f"n{number}", expires_at=moment)),
        lambda tx: tx.put(Group(id=f"g{other}", display_name=name, members=(str(number),))),
        lambda tx: tx.delete(a_user(f"u{number}")),
        lambda tx: tx.find(Query(entity=User)),
        lambda tx: tx.find(Query(entity=User, key=name)),
        lambda tx: tx.find(Query(entity=User, skip=1, limit=2, is_newest_first=True)),
        lambda tx: tx.find(Query(entity=User, accepts=lambda user: user.id > "u5", limit=2)),
        lambda tx: tx.find(Query(entity=DeviceNonce, due_by=START)),
        lambda tx: tx.find(Query(entity=DeviceNonce, due_after=START, limit=3)),
        lambda tx: tx.first(Query(entity=Group, is_newest_first=True)),
        lambda tx: tx.next_number(f"counter{other}"),
        lambda tx: tx.new_id(),
        lambda tx: tx.emit(Event(name="user.updated", subject=f"u{number}")),
        lambda tx: tx.change_number,
        lambda tx: tx.tally(User),
        lambda tx: tx.overdue(),
        lambda tx: [nonce.id for nonce in tx.forget_expired(DeviceNonce, limit=1)],
    ]
    return dice.choice(steps)


def a_turn(dice: random.Random) -> list[Step]:
    """Now and then a unit goes back in the history first, or begins anew."""
    back, chance = dice.randrange(1, 9), dice.random()
    if chance < 0.04:
        return [lambda tx: tx.history.rewind(max(1, tx.change_number - back))]
    return [lambda tx: tx.wipe()] if chance > 0.995 else []


def a_unit(dice: random.Random) -> Step:
    steps = [*a_turn(dice), *(a_step(dice) for _ in range(dice.randrange(1, 6)))]
    is_refused = dice.random() < 0.2

    def unit(tx: Transaction) -> list[Any]:
        answers = [step(tx) for step in steps]
        if is_refused:
            raise Refusal(RefusalKind.CONFLICTING, repr(answers))
        return answers

    return unit


async def everything(store: Store, seed: int) -> list[str]:
    dice = random.Random(seed)
    tenant = await a_tenant(store)
    units = [a_unit(dice) for _ in range(UNITS)]
    answers = await asyncio.gather(*(store.write(tenant, unit) for unit in units), return_exceptions=True)

    def left(tx: Transaction) -> list[Any]:
        kinds = (User, DeviceNonce, Group)
        return [tx.change_number, *(tx.find(Query(entity=kind)) for kind in kinds)]  # type: ignore[type-var]

    last = await store.read(tenant, lambda tx: tx.change_number)
    past = [await store.read(tenant, left, as_of=number) for number in range(0, last, max(1, last // 20))]
    counters = await store.write(tenant, lambda tx: [tx.next_number(f"counter{number}") for number in range(3)])
    return [repr(answer) for answer in (*answers, *past, counters)]


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_units_do_all_engines_answer_the_same(
    postgres: PostgresServer, tmp_path: Path, seed: int
) -> None:
    stores = [
        SqliteStore.open_memory(lambda: START),
        await SqliteStore.open_file(tmp_path / "upsim.sqlite", lambda: START),
        await PostgresStore.open(postgres.fresh_url(), lambda: START),
    ]
    try:
        answers = [await everything(store, seed) for store in stores]
        for number, (memory, file, server) in enumerate(zip(*answers, strict=True)):
            assert memory == file == server, f"unit {number}"
    finally:
        for store in stores:
            await store.close()
