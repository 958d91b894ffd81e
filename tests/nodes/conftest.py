"""Private servers that nodes share."""

from collections.abc import Iterator

import pytest

from tests.support.postgres import PostgresServer
from tests.support.s3 import S3Server


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    server = S3Server()
    yield server
    server.stop()
