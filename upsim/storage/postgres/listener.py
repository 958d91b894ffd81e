"""News of all nodes' changes: LISTEN, and a look at the change numbers where a notification may be lost."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import AsyncConnection

from upsim.storage._sql.statements import statements

log = logging.getLogger("upsim.storage")

POLL_SECONDS = 2.0
"""How often the numbers are looked at: after a lost connection, or behind a pooler that swallows LISTEN."""
RECONNECT_SECONDS = 0.5


class Listener:
    """Calls `tell` with the tenants that changed, on the event loop."""

    def __init__(self, url: str, channel: str, tell: Callable[[Iterable[str]], None]) -> None:
        self._url = url
        self._channel = channel
        self._tell = tell
        self._numbers: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen from now on."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error as error:
                log.warning("The store does not tell of changes now: %s", str(error).strip())
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.Event().wait(), RECONNECT_SECONDS)

    async def _listen(self) -> None:
        connection = await AsyncConnection.connect(self._url, autocommit=True, connect_timeout=5)
        async with connection:
            await connection.execute(f'LISTEN "{self._channel}"')
            while True:
                await self._compare(connection)
                async for notification in connection.notifies(timeout=POLL_SECONDS):
                    self._tell([notification.payload])

    async def _compare(self, connection: AsyncConnection[Any]) -> None:
        """Tell of the tenants whose number moved without a notification."""
        cursor = await connection.execute(statements()["change_numbers"])
        numbers: dict[str, int] = dict(await cursor.fetchall())
        self._tell(tenant for tenant, number in numbers.items() if self._numbers.get(tenant) != number)
        self._numbers = numbers
