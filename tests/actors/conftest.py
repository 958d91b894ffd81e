from collections.abc import AsyncIterator

import pytest

from tests.support.actors import Office, opened
from upsim.app import Running


@pytest.fixture
async def office(upsim: Running) -> AsyncIterator[Office]:
    """A shared printer and its user."""
    async with opened(upsim) as office:
        yield office
