"""A private PostgreSQL: a cluster in a temporary folder on a spare port, gone with the tests."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from itertools import count
from pathlib import Path
from urllib.parse import quote

from tests.support.peers import require_program

OWNER = "postgres"


class PostgresServer:
    """A server that can be stopped and started again. It refuses root, so root runs it as another."""

    def __init__(self, *, is_durable: bool = False) -> None:
        self._initdb, self._postgres = require_program("initdb"), require_program("postgres")
        self._pg_ctl = require_program("pg_ctl")
        self.port = spare_port()
        self._is_durable = is_durable
        self._schemas = count(1)
        self._folder = Path(tempfile.mkdtemp(prefix="upsim-postgres-"))
        if os.geteuid() == 0:
            shutil.chown(self._folder, OWNER)
        self._call(self._initdb, "--pgdata", self._data, "--username", OWNER, "--auth", "trust", "--no-sync")
        self.start()

    @property
    def url(self) -> str:
        """The address of a database with an empty schema."""
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/postgres"

    def fresh_url(self) -> str:
        """The same with a schema that nobody used yet."""
        import psycopg

        schema = f"rig_{next(self._schemas)}"
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {schema}")
        return f"{self.url}?options={quote(f'-csearch_path={schema}')}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder} -c max_connections=200"
        if not self._is_durable:
            options += " -F -c synchronous_commit=off"
        self._call(
            self._pg_ctl, "start", "--pgdata", self._data, "--wait", "--log", f"{self._folder}/log", "-o", options
        )

    def stop(self) -> None:
        """Stop it now; clients are thrown out."""
        self._call(self._pg_ctl, "stop", "--pgdata", self._data, "--mode", "immediate", "--wait")

    def close(self) -> None:
        """End it and forget its data."""
        pid_file = Path(self._data) / "postmaster.pid"
        if pid_file.exists():
            os.kill(int(pid_file.read_text().splitlines()[0]), signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def _call(self, *command: str) -> None:
        user = OWNER if os.geteuid() == 0 else None
        # Its output goes nowhere: the server inherits it and would hold a pipe open.
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=self._folder
        )


def spare_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
