"""Servers in the process of a test: with a thread of their own, or in the test's own loop."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import Future
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec import Struct

from upsim.app import serve
from upsim.client import AsyncClient, Client, tenants
from upsim.client.ask import Json
from upsim.client.injections import Rule
from upsim.config import Settings
from upsim.server.loops import loop_factory
from upsim.testing.seed_files import tenant_of
from upsim.testing.tenant import Tenant
from upsim.trust import servers
from upsim.trust.environment import Server as Known

START_SECONDS = 60.0
"""How long a server may take to start or to stop before it counts as stuck."""


class Server(Struct, frozen=True, kw_only=True):
    """A running server. What it asks of options is said by `upsim serve --help`."""

    url: str
    """HTTPS."""
    http_url: str | None
    ca_file: str
    directory: Json
    """The first tenant, its users and applications."""
    control_key: str | None = None

    @property
    def tenant(self) -> str:
        """The id of the first tenant."""
        return str(self.directory["tenant"]["id"])

    def client(self) -> Client:
        """A client of the control API, to be closed by its user."""
        return Client(server=self._known(), control_key=self.control_key)

    def async_client(self) -> AsyncClient:
        """The same for a running loop."""
        return AsyncClient(server=self._known(), control_key=self.control_key)

    @contextmanager
    def new_tenant(
        self,
        *,
        seed: str | Path | Json | None = None,
        random_seed: str | None = None,
        tenant_id: str | None = None,
        frozen_at: datetime | None = None,
        settings: Json | None = None,
        injections: Sequence[Rule] = (),
    ) -> Iterator[Tenant]:
        """A tenant of its own that ends with the block. Not for a server in the own loop.

        `seed` is a shipped seed by its name, a seed file, or a tenant as in one; without it the tenant is like the
        first. `random_seed`, `tenant_id` and `frozen_at` together make what its calls answer repeatable.
        """
        with self.client() as client:
            made = client.send(
                tenants.create(
                    tenant=None if seed is None else tenant_of(seed),
                    seed=random_seed,
                    tenant_id=tenant_id,
                    frozen_at=frozen_at,
                    settings=settings,
                )
            )
            tenant = Tenant(self.url, self.ca_file, client, made)
            try:
                for rule in injections:
                    tenant.injections.inject(**rule)
                yield tenant
            finally:
                client.send(tenants.delete(tenant.id))

    def _known(self) -> Known:
        ca_pem = Path(self.ca_file).read_text()
        return Known(https=self.url, http=self.http_url, proxy=None, ca_pem=ca_pem, tenant=self.tenant)


@asynccontextmanager
async def running_here(**options: Any) -> AsyncIterator[Server]:
    """A server in the running loop, on free ports.

    A blocking client in this loop would wait for ever: await, or take `running`.
    """
    settings = Settings(**{"port": 0, "http_port": 0, **options})
    async with serve(settings) as up:
        yield Server(
            url=up.https,
            http_url=up.http,
            ca_file=up.ca,
            directory=up.tenants[0],
            control_key=settings.control_key,
        )


@contextmanager
def connected(url: str, *, control_key: str | None = None) -> Iterator[Server]:
    """A server that runs elsewhere, such as in a container. Raises `upsim.trust.servers.NoServer`."""
    known = servers.introduce(url)
    with TemporaryDirectory(prefix="upsim-") as folder, Client(server=known, control_key=control_key) as client:
        ca_file = Path(folder, "ca.pem")
        ca_file.write_text(known.ca_pem)
        yield Server(
            url=known.https,
            http_url=known.http,
            ca_file=str(ca_file),
            directory=client.send(tenants.list_all())[0],
            control_key=control_key,
        )


@contextmanager
def running(**options: Any) -> Iterator[Server]:
    """A server with a thread of its own, on free ports; `options` are those of `upsim serve`."""
    started: Future[Server] = Future()
    stopping: Future[None] = Future()
    thread = threading.Thread(target=_run, args=(options, started, stopping), name="upsim", daemon=True)
    thread.start()
    try:
        yield started.result(START_SECONDS)
    finally:
        stopping.set_result(None)
        thread.join(START_SECONDS)


def _run(options: dict[str, Any], started: "Future[Server]", stopping: "Future[None]") -> None:
    async def live() -> None:
        async with running_here(**options) as server:
            started.set_result(server)
            await asyncio.wrap_future(stopping)

    try:
        with asyncio.Runner(loop_factory=loop_factory(Settings(**options).loop)) as runner:
            runner.run(live())
    except BaseException as error:
        if started.done():
            raise
        started.set_exception(error)
