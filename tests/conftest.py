"""Servers for tests: one in the test's own loop, one as a process for clients that block."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, settings

from tests import engines
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


STOP_SECONDS = 60
"""How long a server may take to end on a busy machine before it counts as stuck."""


class Process:
    """`upsim serve` as its users run it. `ready` is its ready line."""

    def __init__(self, *arguments: str, state: Path | None = None) -> None:
        environment = dict(os.environ)
        log, name = tempfile.mkstemp(prefix="upsim-log-")  # a pipe that nobody empties would stop the server
        self._log = Path(name)
        if state is not None:
            environment["XDG_STATE_HOME"] = str(state)
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "upsim",
                "serve",
                "--port",
                "0",
                "--http-port",
                "0",
                "--print-json",
                *arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment,
            text=True,
        )
        os.close(log)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.communicate(timeout=STOP_SECONDS)
            raise AssertionError(f"upsim did not start: {self._logged()}")
        self.ready: dict[str, Any] = json.loads(line)

    @property
    def https(self) -> str:
        return str(self.ready["https"])

    @property
    def ca(self) -> str:
        return str(self.ready["ca"])

    @property
    def tenant_id(self) -> str:
        return str(self.ready["tenant"]["id"])

    def stop(self) -> tuple[int, str, str]:
        """Ask it to stop; returns exit code, stdout and stderr."""
        self.process.terminate()
        output, _ = self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode, output, self._logged()

    def kill(self) -> None:
        """End it without a word, as a crash would."""
        self.process.kill()
        self.process.communicate(timeout=STOP_SECONDS)
        self._log.unlink(missing_ok=True)

    def _logged(self) -> str:
        text = self._log.read_text()
        self._log.unlink()
        return text


@pytest.fixture(scope="session")
def upsim_process(_own_state_folder: None) -> Iterator[Process]:
    """One server process for tests whose clients block or run elsewhere."""
    process = Process()
    yield process
    process.stop()
