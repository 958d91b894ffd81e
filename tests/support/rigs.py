"""A shared rig without containers: nginx with the example's own configuration before nodes of this machine."""

import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import aiohttp

from tests.support.peers import require_program
from upsim.actors.wire import TIMEOUT_SECONDS, Wire

EXAMPLE = Path(__file__).parents[2] / "examples" / "shared-rig"
MODULES = Path("/usr/lib/nginx/modules")
"""Where Debian keeps what the official image has built in."""


class Nginx:
    """nginx as `examples/shared-rig/nginx.conf` says, with other addresses."""

    def __init__(self, nodes: dict[str, int]) -> None:
        """`nodes` are the ports of this machine that stand for the example's node names."""
        program = require_program("nginx")
        self.port = _spare_port()
        self._folder = tempfile.TemporaryDirectory(prefix="upsim-nginx-")
        folder = Path(self._folder.name)
        text = (EXAMPLE / "nginx.conf").read_text()
        for name, port in nodes.items():
            assert f"server {name}:8443" in text
            text = text.replace(f"{name}:8443", f"127.0.0.1:{port}")
        assert "listen 8443;" in text
        (folder / "nginx.conf").write_text(text.replace("listen 8443;", f"listen 127.0.0.1:{self.port};"))
        module = MODULES / "ngx_stream_module.so"
        beside = f"load_module {module}; " if module.exists() else ""
        beside += f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;"
        self._process = subprocess.Popen(
            [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr", "-g", beside]
        )
        _until_listening(self.port, self._process)

    @property
    def https(self) -> str:
        return f"https://localhost:{self.port}"

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
        self._folder.cleanup()


class RestlessWire(Wire):
    """Each request comes by a connection of its own, so that each may reach another node."""

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(ssl=self._context, force_close=True)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        self._session = aiohttp.ClientSession(connector=connector, timeout=timeout)
        return self


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def _spare_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_listening(port: int, process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    raise AssertionError("nginx did not start")
