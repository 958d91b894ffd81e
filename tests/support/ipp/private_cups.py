"""A CUPS of the test's own: its folder, its socket, no network, nothing of the machine's CUPS."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.peers import require_program

START_SECONDS = 60
_FOLDERS = {
    "ServerRoot": "root",
    "RequestRoot": "spool",
    "CacheDir": "cache",
    "StateDir": "state",
    "TempDir": "temporary",
    "ServerKeychain": "root/ssl",
}
_CONF = """\
Listen {folder}/socket
LogLevel {level}
DefaultAuthType None
Browsing Off
WebInterface No
<Location />
  Allow all
</Location>
<Location /admin>
  Allow all
</Location>
<Policy default>
  <Limit All>
    Allow all
  </Limit>
</Policy>
"""


class Cups:
    """A running scheduler, commanded by CUPS' own programs."""

    def __init__(self, folder: Path, pid: int) -> None:
        self.folder = folder
        self.pid = pid

    async def run(self, program: str, *arguments: str) -> str:
        """What a program of CUPS says; it must succeed."""
        process = await asyncio.create_subprocess_exec(
            require_program(program),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={
                **os.environ,
                "CUPS_SERVER": str(self.folder / "socket"),
                "HOME": str(self.folder),
                "LC_ALL": "C",
            },
        )
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode() + self.log()
        return output.decode()

    async def until_file(self, name: str) -> Path:
        """A file of the scheduler's, once it is there."""
        async with asyncio.timeout(START_SECONDS):
            while not (path := self.folder / name).exists():
                await self.run("lpstat", "-r")
        return path

    async def until_done(self, queue: str) -> None:
        """Wait until the queue is empty."""
        while await self.run("lpstat", "-o", queue):
            pass

    def log(self) -> str:
        """The last of what the scheduler logged."""
        log = self.folder / "error_log"
        return log.read_text(errors="replace")[-8000:] if log.exists() else ""


@asynccontextmanager
async def private_cups(*lines: str, level: str = "debug") -> AsyncIterator[Cups]:
    """Start a scheduler, `lines` being more of its cupsd.conf; skipped where CUPS is not installed."""
    program = require_program("cupsd")
    folder = Path(tempfile.mkdtemp(prefix="upsim-cups-"))  # short: sockets have short names
    folder.chmod(0o755)  # filters run as another user
    process = None
    try:
        _configure(folder, lines, level)
        process = await asyncio.create_subprocess_exec(
            program,
            "-f",
            *("-c", str(folder / "cupsd.conf")),
            *("-s", str(folder / "cups-files.conf")),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await _until_listening(process, folder)
        yield Cups(folder, process.pid)
    finally:
        if process is not None and process.returncode is None:
            process.terminate()
            await process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _configure(folder: Path, more: tuple[str, ...], level: str) -> None:
    lines = [f"{name} {folder}/{path}" for name, path in _FOLDERS.items()]
    lines += [
        f"{name} {folder}/{name.removesuffix('Log').lower()}_log" for name in ("ErrorLog", "AccessLog", "PageLog")
    ]
    lines += ["FileDevice Yes", "SyncOnClose Yes"]
    if os.geteuid() == 0:
        lines += ["User lp", "Group lp", "SystemGroup root"]
    for path in _FOLDERS.values():
        (folder / path).mkdir(parents=True, exist_ok=True)
    (folder / "cups-files.conf").write_text("\n".join(lines) + "\n")
    (folder / "cupsd.conf").write_text("\n".join([_CONF.format(folder=folder, level=level), *more, ""]))


async def _until_listening(process: asyncio.subprocess.Process, folder: Path) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            assert process.returncode is None, "cupsd ended"
            try:
                _, writer = await asyncio.open_unix_connection(str(folder / "socket"))
            except OSError:
                await asyncio.wait([process_wait := asyncio.ensure_future(process.wait())], timeout=0.05)
                process_wait.cancel()
            else:
                writer.close()
                return
