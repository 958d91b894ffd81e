"""A storage engine of one's own against upsim's conformance suite. Here upsim's own in a file stands for it.

pip install upsim pytest pytest-asyncio
PYTHONPATH=. pytest -o asyncio_mode=auto test_my_engine.py
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from upsim.services.ports import Store
from upsim.storage.conformance import CrashConformance, Opener, StoreConformance
from upsim.storage.sqlite.engine import SqliteStore


async def open_mine(place: str) -> Store:
    """Put your engine here."""
    return await SqliteStore.open_file(Path(place), lambda: datetime.now(UTC))


class TestMyEngine(StoreConformance):
    """Basic contract, versions and looking back, concurrency, large listings, time."""

    @pytest.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        """An empty store, for each test."""
        store = await open_mine(str(tmp_path / "state"))
        yield store
        await store.close()


class TestMyEngineKilled(CrashConformance):
    """Crash points: a child process, which imports this module, is killed while it writes."""

    @pytest.fixture
    def opener(self, tmp_path: Path) -> Opener:
        """How that process opens the store."""
        return Opener("test_my_engine:open_mine", str(tmp_path / "state"))
