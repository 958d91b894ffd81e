"""The process that is killed: it writes for ever and says what was answered, a line each."""

import asyncio
import sys
from importlib import import_module
from typing import NamedTuple

from upsim.domain.user import User
from upsim.services.ports import Store, Transaction

WRITERS = 8
TENANT_ID = "t1"


class Opener(NamedTuple):
    """How any process opens the store: `module:function`, an asynchronous function of one text."""

    function: str
    argument: str

    async def open(self) -> Store:
        """The store, on the state that the argument names."""
        module, _, name = self.function.partition(":")
        store: Store = await getattr(import_module(module), name)(self.argument)
        return store


def put_two(tx: Transaction) -> str:
    """Two entities and a number, which belong together."""
    number = tx.next_number("unit")
    for name in ("first", "second"):
        tx.put(
            User(
                id=f"{name}{number}",
                user_principal_name=f"{name}@contoso.example",
                display_name=name,
                password="p",
            )
        )
    return f"first{number}"


async def write_for_ever(opener: Opener) -> None:
    """Several callers at once, as in life."""
    store = await opener.open()

    async def write() -> None:
        while True:
            done = await store.write(TENANT_ID, put_two)
            sys.stdout.write(done + "\n")
            sys.stdout.flush()

    await asyncio.gather(*(write() for _ in range(WRITERS)))


if __name__ == "__main__":
    asyncio.run(write_for_ever(Opener(*sys.argv[1:3])))
