"""The engine that tests of services and APIs run on: memory, or with `--store=postgresql` a private server."""

from collections.abc import Callable
from datetime import datetime
from functools import cache

import psycopg
import pytest

from tests.support.peers import require_program
from tests.support.postgres import PostgresServer
from upsim.services.ports import Store
from upsim.storage.postgres.engine import PoolSettings, PostgresStore
from upsim.storage.sqlite.engine import SqliteStore

ENGINES = ("memory", "postgresql")
FILLED_BY_SCHEMA = {"meta", "place"}
"""Tables that a new schema has rows in: its version, and the place of the system."""
chosen = "memory"
"""Set once, when pytest has read its command line."""


async def open_store(now: Callable[[], datetime]) -> Store:
    """An empty store of the chosen engine."""
    if chosen == "memory":
        return SqliteStore.open_memory(now)
    url, _ = _emptied()
    return await PostgresStore.open(url, now, PoolSettings(connections_max=4, timeout_seconds=30))


def shared_store() -> str | None:
    """An empty store as `upsim serve --store` takes it, or None for memory."""
    return None if chosen == "memory" else _emptied()[0]


def can_run(engine: str) -> str:
    """Why the tests cannot run on an engine here; an empty text where they can."""
    try:
        return "" if engine == "memory" else require_program("initdb") and ""
    except pytest.skip.Exception as reason:
        return str(reason)


def stop() -> None:
    """End the server, if one was started."""
    if _server.cache_info().currsize:
        _server().close()


def _emptied() -> tuple[str, PostgresServer]:
    """The one schema of this process, without rows. Making a schema for each test takes longer than most tests."""
    url, server = _schema(), _server()
    with psycopg.connect(url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
        ).fetchall()
        if filled := [name for (name,) in tables if name not in FILLED_BY_SCHEMA]:
            connection.execute(f"TRUNCATE {', '.join(filled)}")
            connection.execute("DELETE FROM place WHERE number > 0")
    return url, server


@cache
def _server() -> PostgresServer:
    return PostgresServer()


@cache
def _schema() -> str:
    return _server().fresh_url()
