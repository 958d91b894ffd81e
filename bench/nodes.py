"""Server processes on one store that are killed and started again, and clients who use whichever answers."""

import json
import subprocess
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp

from upsim.actors.wire import Answer, Wire


class Node:
    """One `upsim serve`. From its second start on it listens where it did before."""

    def __init__(self, name: str, arguments: Sequence[str]) -> None:
        self._name = name
        self._arguments = [*arguments, "--node", name, "--http-port", "off", "--log-level", "error"]
        self._port = "0"
        self._process: subprocess.Popen[str] | None = None
        self.ready: dict[str, Any] = {}

    @property
    def https(self) -> str:
        return str(self.ready["https"])

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [sys.executable, "-m", "upsim", "serve", "--print-json", "--port", self._port, *self._arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self._name} did not start")
        self.ready = json.loads(line)
        self._port = self.https.rpartition(":")[2]

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=30)
            self._process = None


class EitherWire(Wire):
    """A client behind a load balancer: each request goes to the next node, and on where nobody listens.

    What breaks off on the way is the client's to try again, as in life: nobody knows whether it was done.
    """

    def __init__(self, actor: str, nodes: Sequence[Node], first: int = 0) -> None:
        self._nodes = [node.https for node in nodes]
        self._turns = count(first)
        super().__init__(actor, self._nodes[0], Path(nodes[0].ready["ca"]).read_text())

    async def call(self, method: str, url: str, **options: Any) -> Answer:
        path = url
        for node in self._nodes:
            path = path.removeprefix(node)
        for _ in self._nodes:
            node = self._nodes[next(self._turns) % len(self._nodes)]
            try:
                return await super().call(method, node + path, **options)
            except aiohttp.ClientConnectorError as error:
                refusal = error
        raise refusal
