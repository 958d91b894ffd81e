"""How a child process opens the store of a test."""

from datetime import UTC, datetime
from pathlib import Path

from upsim.storage.postgres.engine import PoolSettings, PostgresStore
from upsim.storage.sqlite.engine import SqliteStore


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - an engine is tested with real time passing


async def postgresql(url: str) -> PostgresStore:
    return await PostgresStore.open(url, _now, PoolSettings(timeout_seconds=30.0))


async def sqlite(path: str) -> SqliteStore:
    return await SqliteStore.open_file(Path(path), _now)
