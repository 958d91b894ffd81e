"""`upsim exec`: run a program for which Microsoft's host names lead to upsim and never to Microsoft."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import NamedTuple, Self

from upsim.config import Settings
from upsim.server.loops import loop_factory
from upsim.server.proxy import Proxy, Routes
from upsim.trust import browsing, files
from upsim.trust.addresses import address_of
from upsim.trust.environment import Server, variables
from upsim.trust.servers import introduce

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_FORWARDED = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGCONT", "SIGWINCH")


class NotStarted(Exception):
    """The command cannot be run; `code` is the exit code that a shell would use."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Invocation(NamedTuple):
    """The arguments of `upsim exec`. `url` names a running upsim; without it one is started with `settings`."""

    command: Sequence[str]
    settings: Settings
    url: str | None = None
    allowed: Sequence[str] = ()
    is_quiet: bool = False


def run(invocation: Invocation) -> int:
    """Run the command to its end and return its exit code. Raises `NotStarted`, `NoServer` and `ConfigError`."""
    with asyncio.Runner(loop_factory=loop_factory(invocation.settings.loop)) as runner:
        return runner.run(_run(invocation))


async def _run(invocation: Invocation) -> int:
    program = _program(invocation.command[0])
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(_server(invocation))
        upsim = address_of(server.https)
        proxy = await stack.enter_async_context(Proxy(Routes(upsim, invocation.allowed)))
        server = server._replace(proxy=f"http://127.0.0.1:{proxy.port}")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="upsim-exec-")))
        written = files.write(folder, server.ca_pem, upsim, invocation.allowed)
        if not invocation.is_quiet:
            sys.stderr.write(f"upsim: Microsoft's login, Graph and print hosts lead to {server.https}\n")
        environment = {**os.environ, **variables(server, written), **browsing.variables(os.environ)}
        return await _child([program, *invocation.command[1:]], environment)


async def _child(command: Sequence[str], environment: dict[str, str]) -> int:
    with _forwarding() as signals:
        try:
            process = await asyncio.create_subprocess_exec(*command, env=environment)
        except OSError as error:
            raise NotStarted(f"{command[0]} cannot be run: {error.strerror}.", NOT_EXECUTABLE) from error
        signals.forward_to(process)
        code = await process.wait()
    return 128 - code if code < 0 else code


class _forwarding:  # noqa: N801 - reads as a statement
    """Passes signals on to the child, also those from before it ran; not those that a terminal sends to both."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._early: list[signal.Signals] = []
        self._loop = asyncio.get_running_loop()
        names = [name for name in _FORWARDED if hasattr(signal, name)]
        self._numbers = [signal.Signals[name] for name in names]

    def __enter__(self) -> Self:
        for number in self._numbers:
            self._loop.add_signal_handler(number, self._pass_on, number)
        return self

    def __exit__(self, *exception: object) -> None:
        for number in self._numbers:
            self._loop.remove_signal_handler(number)

    def forward_to(self, process: asyncio.subprocess.Process) -> None:
        """Set the child and pass on the signals that arrived before it ran."""
        self._process = process
        for number in self._early:
            process.send_signal(number)

    def _pass_on(self, number: signal.Signals) -> None:
        if self._process is None:
            self._early.append(number)
            return
        from_terminal = number in {signal.SIGINT, signal.SIGQUIT, signal.SIGWINCH} and _is_in_foreground()
        if self._process.returncode is None and not from_terminal:
            self._process.send_signal(number)


def _is_in_foreground() -> bool:
    """Return whether the terminal's keys reach this process, and with it the child in the same group."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return False


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise NotStarted(f"There is no program '{name}'.", NOT_FOUND)
    return found


@asynccontextmanager
async def _server(invocation: Invocation) -> AsyncIterator[Server]:
    if invocation.url is not None:
        yield await asyncio.to_thread(introduce, invocation.url)
        return
    from upsim.serving import log_to_stderr  # first: it makes the import below quick

    from upsim.app import serve  # isort: skip

    log_to_stderr(invocation.settings)
    async with serve(invocation.settings) as running:
        yield Server(
            https=running.https,
            http=running.http,
            proxy=None,
            ca_pem=Path(running.ca).read_text(encoding="utf-8"),
            tenant=str(running.tenants[0]["tenant"]["id"]),
        )
