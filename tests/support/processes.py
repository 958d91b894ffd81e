"""upsim as a process, for clients that block."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

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
