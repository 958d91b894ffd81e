from collections.abc import Iterator

import pytest

from tests.support.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One private server; each test takes a schema of its own."""
    server = PostgresServer()
    yield server
    server.close()
