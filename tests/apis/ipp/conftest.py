from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.ipp.site import IppSite, serving


@pytest.fixture(scope="session")
def _ipp_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, so that the CA is made once."""
    return tmp_path_factory.mktemp("ipp")


@pytest.fixture
async def ipp(_ipp_folder: Path) -> AsyncIterator[IppSite]:
    """The IPP API with one printer and the users ada, bob and admin."""
    async with serving(_ipp_folder) as site:
        yield site
