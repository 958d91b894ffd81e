"""The processes under measurement: upsim, and the baseline."""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psutil


@contextmanager
def baseline() -> Iterator[int]:
    """The baseline server; its port."""
    with watched_baseline() as (port, _):
        yield port


@contextmanager
def watched_baseline(*arguments: str) -> Iterator[tuple[int, psutil.Process]]:
    """The baseline server; its port, and its process."""
    with _process([sys.executable, "-m", "bench.baselines", *arguments]) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline()), psutil.Process(process.pid)


@contextmanager
def upsim(*arguments: str, checkout: Path | None = None) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """An upsim with the sample tenant; its ready line and process. `checkout`: the folder whose upsim is run."""
    command = [sys.executable, "-m", "upsim", "serve", "--port", "0", "--http-port", "0", "--print-json"]
    with _process([*command, "--log-level", "warning", *arguments], checkout) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline()), process


@contextmanager
def _process(command: list[str], checkout: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "XDG_STATE_HOME": _state_folder()}
    if checkout is not None:
        environment["PYTHONPATH"] = str(checkout)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=checkout)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=10)


@cache
def _state_folder() -> str:
    """Return one folder for all starts: from the second on they find the TLS files, as a user's do."""
    folder = tempfile.mkdtemp(prefix="upsim-bench-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def cpu_seconds(pid: int) -> float:
    """Processor time of a process so far. Exact where Linux reports it: a call takes less than a clock tick."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    exact = sum(int(each.read_text().split()[0]) for each in threads) / 1e9
    times = psutil.Process(pid).cpu_times()
    return exact or float(times.user + times.system)


def peak_mb(pid: int) -> float:
    """Return the peak resident memory of a process; Linux reports it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise SystemExit("this system does not report the peak memory of a process")


def start_seconds(command: list[str]) -> tuple[float, float, float]:
    """Wall and CPU seconds until a process prints its first line, and its memory then in MB."""
    began = time.perf_counter()
    with _process(command) as process:
        assert process.stdout is not None
        process.stdout.readline()
        wall = time.perf_counter() - began
        watched = psutil.Process(process.pid)
        times = watched.cpu_times()
        return wall, times.user + times.system, watched.memory_info().rss / 1e6
