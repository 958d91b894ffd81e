"""Fixtures of every test: a server in the test's own loop, and one as a process for clients that block."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, settings

from tests.support import engines
from tests.support.processes import Process
from upsim.actors.wire import trusting
from upsim.app import Running, serve
from upsim.config import Settings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=engines.ENGINES, default="memory", help="Engine for services and APIs.")


# How fast examples are made says how busy the machine is, not whether upsim is right.
settings.register_profile("upsim", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("upsim")


def pytest_configure(config: pytest.Config) -> None:
    engines.chosen = config.getoption("--store")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the whole run where the engine's programs are missing; in CI that is a failure."""
    if reason := engines.can_run(engines.chosen):
        for item in items:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_unconfigure() -> None:
    engines.stop()


def _refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """No test calls anywhere: only this machine can be connected to."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0])
        if not (host.startswith("127.") or host in {"::1", "localhost", "0.0.0.0"}):
            raise AssertionError(f"a connection to {host} was tried")


sys.addaudithook(_refuse_the_network)


@pytest.fixture(autouse=True, scope="session")
def _own_state_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Tests neither use nor touch the CA of whoever runs them."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    for name in list(os.environ):
        if name.startswith("UPSIM_") and name != "UPSIM_REQUIRE_PEERS":
            del os.environ[name]


@pytest.fixture
async def upsim(tmp_path: Path) -> AsyncIterator[Running]:
    """A server with the Contoso sample, on the chosen engine, on free ports."""
    store = engines.shared_store()
    async with serve(Settings(port=0, http_port=0, store=store, data=str(tmp_path) if store else None)) as running:
        yield running


@pytest.fixture
async def http(upsim: Running) -> AsyncIterator[aiohttp.ClientSession]:
    """A session that trusts the server and calls it by path."""
    connector = aiohttp.TCPConnector(ssl=trusting(Path(upsim.ca).read_text()))
    async with aiohttp.ClientSession(upsim.https, connector=connector) as session:
        yield session


@pytest.fixture(scope="session")
def upsim_process(_own_state_folder: None) -> Iterator[Process]:
    """One server process for tests whose clients block or run elsewhere."""
    process = Process()
    yield process
    process.stop()
