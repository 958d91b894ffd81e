"""`upsim serve --workers`: several processes on one port, one of which may die."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.support.nodes import wire
from tests.support.postgres import PostgresServer
from tests.support.processes import Process
from tests.support.shell import Shell
from upsim.server import records

DEADLINE_SECONDS = 60


async def nodes(process: Process) -> set[str]:
    """Who answers: each call is a connection of its own. Those that a dying worker had not taken are reset."""
    found = set()
    for _ in range(24):
        async with wire(process) as connection:
            with suppress(aiohttp.ClientConnectionError):
                found.add((await connection.call("GET", "/_upsim/readyz")).json()["node"])
    return found


def eventually(is_so: Callable[[], bool]) -> bool:
    end = time.monotonic() + DEADLINE_SECONDS
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


async def test_workers_share_a_port_and_one_that_dies_is_started_again(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    store = ["--store", postgres.fresh_url(), "--data", str(tmp_path / "data")]
    process = Process("--workers", "2", "--node", "rig", *store)
    assert await nodes(process) == {"rig-1", "rig-2"}
    workers = psutil.Process(process.process.pid).children()
    assert len(workers) == 2
    workers[0].kill()
    assert eventually(lambda: not workers[0].is_running() or workers[0].status() == psutil.STATUS_ZOMBIE)
    assert eventually(lambda: len(psutil.Process(process.process.pid).children()) == 2)
    end = time.monotonic() + DEADLINE_SECONDS
    while await nodes(process) != {"rig-1", "rig-2"}:
        assert time.monotonic() < end
    all_workers = psutil.Process(process.process.pid).children()
    code, output, errors = process.stop()
    assert code == 0
    assert output == ""
    assert "Worker 1 ended with -9 and is started again." in errors
    assert not [worker for worker in all_workers if worker.is_running()]


def test_a_first_worker_that_cannot_start_ends_all_with_its_code(tmp_path: Path) -> None:
    store = ["--store", "postgresql://127.0.0.1:1/none", "--data", str(tmp_path)]
    done = serve("--workers", "2", *store)
    assert done.returncode == 2
    assert "PostgreSQL at 127.0.0.1:1/none cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_workers_without_a_store_are_refused() -> None:
    done = serve("--workers", "2")
    assert done.returncode == 2
    assert "give --store" in done.stderr


async def test_a_node_says_who_it_is_in_its_log() -> None:
    process = Process("--node", "rig-7", "--log-format", "json", "--log-level", "debug")
    async with wire(process) as connection:
        await connection.call("GET", "/_upsim/livez")
    _, _, errors = process.stop()
    lines = [json.loads(line) for line in errors.splitlines()]
    assert lines
    assert {line["node"] for line in lines} == {"rig-7"}


def serve(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "upsim", "serve", "--port", "0", "--http-port", "0", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def two_workers(postgres: PostgresServer, data: Path, state: Path) -> Process:
    return Process("--workers", "2", "--store", postgres.fresh_url(), "--data", str(data), state=state)


def test_upsim_stop_ends_all_workers_and_what_started_them(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    process = two_workers(postgres, tmp_path / "data", state=tmp_path / "state")
    (record,) = records.running()
    assert (record.url, record.pid) == (process.https, process.process.pid)
    workers = psutil.Process(process.process.pid).children()
    assert "has ended" in Shell("").run("stop").stderr
    assert process.process.wait(DEADLINE_SECONDS) == 0
    process.process.communicate()
    assert not [worker for worker in workers if worker.is_running()]
    assert records.running() == []
    assert Shell("").run("stop", code=3).stdout == ""


def test_workers_that_left_no_record_here_are_not_stopped_one_by_one(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    process = two_workers(postgres, tmp_path / "data", state=tmp_path / "elsewhere")
    refusal = Shell(process.https).run("stop", code=1)
    assert "Stop what started it" in refusal.stderr
    assert len(psutil.Process(process.process.pid).children()) == 2
    assert process.stop()[0] == 0
