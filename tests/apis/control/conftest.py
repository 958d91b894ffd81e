from collections.abc import AsyncIterator

import pytest

from tests.support.control import Office, opened
from upsim.app import Running


@pytest.fixture
async def office(upsim: Running) -> AsyncIterator[Office]:
    """A shared printer and three people who can print on it."""
    async with opened(upsim) as office:
        yield office
