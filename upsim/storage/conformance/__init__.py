"""What every engine and document store must do, for pytest: a class to inherit and a fixture to give.

An engine of your own is checked from your own tests (`docs/guides/another-engine.md`):

    class TestMine(StoreConformance):
        @pytest.fixture
        async def store(self): ...

`StoreConformance` asks for an empty `store`; `NodesConformance` for `nodes`, two stores on one empty state, where
several nodes may share it; `CrashConformance` for an `opener` that a child process can use; `BlobsConformance` for
empty `blobs`. Needs pytest and pytest-asyncio in its automatic mode.
"""

import pytest

pytest.register_assert_rewrite(
    *(f"upsim.storage.conformance.{name}" for name in ("stores", "nodes", "crashes", "blobs"))
)

from upsim.storage.conformance.blobs import BlobsConformance
from upsim.storage.conformance.crashes import CrashConformance
from upsim.storage.conformance.nodes import NodesConformance
from upsim.storage.conformance.stores import StoreConformance
from upsim.storage.conformance.writer import Opener

__all__ = ["BlobsConformance", "CrashConformance", "NodesConformance", "Opener", "StoreConformance"]
