"""Crash points: a process that writes is killed, and whoever opens the state next finds what was acknowledged."""

import asyncio
import sys
from contextlib import suppress

import pytest

from upsim.domain.query import Query
from upsim.domain.user import User
from upsim.services.ports import Transaction
from upsim.storage.conformance.stores import a_tenant
from upsim.storage.conformance.writer import TENANT_ID, Opener

DEADLINE_SECONDS = 60


class CrashConformance:
    """For engines whose state outlives the process. Each test gets an `opener` onto an empty state."""

    @pytest.mark.parametrize("answers", [1, 20, 200])
    async def test_what_was_answered_survives_a_kill_and_no_unit_is_half_there(
        self, opener: Opener, answers: int
    ) -> None:
        store = await opener.open()
        await a_tenant(store, TENANT_ID)
        before = await store.read(TENANT_ID, lambda tx: tx.change_number)
        await store.close()
        acknowledged = await _killed_after(opener, answers)
        assert len(acknowledged) >= answers
        store = await opener.open()
        users, counter, number = await store.write(TENANT_ID, _found)  # it counts, so it is a change too
        await store.close()
        assert acknowledged <= users, "an answered unit is lost"
        firsts = {user for user in users if user.startswith("first")}
        assert {user.replace("first", "second") for user in firsts} == users - firsts, "a unit is half there"
        assert counter == len(firsts) + 1, "a number was lost or given twice"
        assert number == before + len(firsts) + 1, "a change has no number of its own"

    async def test_the_next_goes_on_where_the_killed_one_was(self, opener: Opener) -> None:
        store = await opener.open()
        await a_tenant(store, TENANT_ID)
        await store.close()
        kept: set[str] = set()
        for _ in range(3):
            kept |= await _killed_after(opener, 5)
        store = await opener.open()
        users, counter, _ = await store.write(TENANT_ID, _found)
        await store.close()
        assert kept <= users
        assert counter == len(users) // 2 + 1


def _found(tx: Transaction) -> tuple[set[str], int, int]:
    users = {user.id for user in tx.find(Query(entity=User))}
    return users, tx.next_number("unit"), tx.change_number if users else 0


async def _killed_after(opener: Opener, answers: int) -> set[str]:
    """Let a child process write, and kill it once it was answered so often; all answers that it had got."""
    command = [sys.executable, "-m", "upsim.storage.conformance.writer", *opener]
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    acknowledged: set[str] = set()
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(acknowledged) < answers:
                line = await child.stdout.readline()
                assert line, "the child ended by itself"
                acknowledged.add(line.decode().strip())
    finally:
        with suppress(ProcessLookupError):
            child.kill()
    rest = await child.stdout.read()
    await child.wait()
    whole = rest[: rest.rfind(b"\n") + 1].decode().split()
    return acknowledged | set(whole)
