"""Several server processes on one port of one machine: started, watched, started again when they die, and stopped.

Every worker is an `upsim serve` of its own on the same store; the system shares connections out among those that
listen on a port (SO_REUSEPORT). This process serves nothing. It holds the ports, so that nobody else gets them
while workers come and go.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterable
from contextlib import ExitStack, suppress
from typing import Any

import orjson
from msgspec.structs import asdict, replace

from upsim.config import PREFIX, ConfigError, Settings
from upsim.serving import announce, left_on_record, log_to_stderr

log = logging.getLogger("upsim")

STOP_SECONDS = 5.0
"""How long workers may take to end after a stop was asked for."""
RESTART_SECONDS = 0.5
RESTART_SECONDS_MAX = 10.0
"""A worker that keeps dying is started again ever later, up to this."""


class WorkersError(Exception):
    """The first worker did not start; it has said why. `code` is its exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the first worker ended with {code}")
        self.code = code


def run(settings: Settings) -> None:
    """Serve with `settings.workers` processes until Ctrl-C or SIGTERM. Raises `ConfigError` and `WorkersError`."""
    if settings.store is None:
        raise ConfigError("--workers share their state: give --store postgresql://...")
    log_to_stderr(settings)
    with ExitStack() as stack:
        port = stack.enter_context(_held(settings.host, settings.port, "--port"))
        ports = {"port": port.getsockname()[1]}
        if settings.http_port != "off":
            held = stack.enter_context(_held(settings.host, settings.http_port, "--http-port"))
            ports["http_port"] = held.getsockname()[1]
        if settings.proxy_port != "off":
            held = stack.enter_context(_held(settings.host, settings.proxy_port, "--proxy-port"))
            ports["proxy_port"] = held.getsockname()[1]
        asyncio.run(_Workers(replace(settings, **ports)).run())


class _Workers:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopped = asyncio.Event()
        self._running: set[Process] = set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._stopped.set)
        try:
            # The first alone: it makes schema, keys and tenants, which the others find.
            first, ready = await self._start(1)
            if ready is None:
                raise WorkersError(await first.wait())
            others = await asyncio.gather(
                *(self._start(number) for number in range(2, self._settings.workers + 1))
            )
            processes = [first, *(process for process, _ in others)]
            watched = [loop.create_task(self._watch(*each)) for each in enumerate(processes, start=1)]
            with left_on_record(self._settings, ready["https"]):
                announce(self._settings, ready)
                await self._stopped.wait()
            for task in watched:
                task.cancel()
        finally:
            await _end(self._running)

    async def _watch(self, number: int, process: Process) -> None:
        """Keep one worker running."""
        pause = RESTART_SECONDS
        while True:
            code = await process.wait()
            self._running.discard(process)
            log.warning("Worker %d ended with %d and is started again.", number, code)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), pause)
            process, ready = await self._start(number)
            pause = RESTART_SECONDS if ready else min(pause * 2, RESTART_SECONDS_MAX)

    async def _start(self, number: int) -> tuple[Process, dict[str, Any] | None]:
        """Return a new worker and its ready line, or None where it ended instead."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "upsim", "serve", env=self._environment(number), stdout=PIPE, limit=1 << 24
        )
        self._running.add(process)
        assert process.stdout is not None  # noqa: S101 - it was asked for
        line = await process.stdout.readline()
        return process, orjson.loads(line) if line else None

    def _environment(self, number: int) -> dict[str, str]:
        """Return the settings as variables, which win over those of the file."""
        name = self._settings.node or socket.gethostname()
        own = {
            "workers": 1,
            "node": f"{name}-{number}",
            "reuse_port": True,
            "print_json": True,
            "ready_file": None,
        }
        values = asdict(self._settings) | own | {"config": os.devnull}
        given = {PREFIX + key.upper(): _spelled(value) for key, value in values.items() if value is not None}
        return {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)} | given


def _held(host: str, port: int, option: str) -> socket.socket:
    """Return a port that is ours: bound, so that workers may listen on it too, but not listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    held = socket.socket(family, socket.SOCK_STREAM)
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind((host, port))
    except (OSError, AttributeError) as error:
        held.close()
        raise ConfigError(f"Port {port} on {host} cannot be shared by workers: {error}. See {option}.") from error
    return held


def _spelled(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def _end(workers: Iterable[Process]) -> None:
    """Ask them to stop, and end those that do not."""
    alive = [worker for worker in workers if worker.returncode is None]
    for worker in alive:
        worker.terminate()
    waiting = [asyncio.ensure_future(worker.wait()) for worker in alive]
    if not waiting:
        return
    await asyncio.wait(waiting, timeout=STOP_SECONDS)
    for worker in alive:
        if worker.returncode is None:
            worker.kill()
    await asyncio.wait(waiting)
