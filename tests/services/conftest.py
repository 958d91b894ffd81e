from collections.abc import AsyncIterator

import pytest

from tests.support.services import World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A tenant with one printer, p1."""
    world = await World().prepare()
    await world.a_printer()
    yield world
    await world.store.close()
