"""The composition root: the only module that knows every part. Builds a site and serves its faces."""

import asyncio
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web
from msgspec.structs import asdict

from upsim.config import ConfigError, Settings, node_name
from upsim.domain import clouds
from upsim.domain.faults import Refused
from upsim.domain.tenant import Tenant
from upsim.faces.control.directory import represent_directory
from upsim.faces.control.table import FACE as CONTROL
from upsim.server import listener_authority
from upsim.server.certificates import X509Certificates
from upsim.server.connection import TellsCuts
from upsim.server.gateway import Gateway
from upsim.server.keys import Keyring
from upsim.server.listeners import listen, listen_443, open_proxy
from upsim.server.operation import Face, Operation
from upsim.server.site import Addresses, Site
from upsim.server.sweep import keep_sweeping
from upsim.server.timed_store import TimedStore
from upsim.server.tls import TlsFiles
from upsim.server.webhooks.calls import Webhooks
from upsim.services.ports import Blobs, Store
from upsim.services.seeds import Seed, plant
from upsim.storage.documents.files import FileBlobs
from upsim.storage.errors import StoreError
from upsim.storage.sqlite.engine import SqliteStore

if TYPE_CHECKING:
    from upsim.server.metrics import Metrics

if TYPE_CHECKING:
    from upsim.server.seed_files import SeedText

log = logging.getLogger("upsim")

HEADER_BYTES_MAX = 32 * 1024
"""A request line or header may be this long: tokens in URLs and OData filters are."""
DRAIN_SECONDS = 0.8
"""How long running requests may take to end after a stop was asked for."""


def faces() -> tuple[Face, ...]:
    """Every face, in the order in which their tables are shown.

    They are imported here, when the first request needs them: the server is ready before.
    """
    from upsim.faces.badges.table import FACE as BADGES
    from upsim.faces.entra.table import FACE as ENTRA
    from upsim.faces.graph.table import FACE as GRAPH
    from upsim.faces.ipp.table import FACE as IPP
    from upsim.faces.registration.table import FACE as REGISTRATION

    return (GRAPH, ENTRA, REGISTRATION, IPP, BADGES, CONTROL)


@cache
def operations() -> tuple[Operation, ...]:
    """The whole table of operations."""
    return tuple(operation for face in faces() for operation in face.table)


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """A server that is up: what a script needs to use it."""

    https: str
    http: str | None
    proxy: str | None
    ca: str
    tenants: list[dict[str, Any]]
    site: Site

    def as_json(self) -> dict[str, Any]:
        """The ready line of `--print-json`: the addresses and the first tenant's directory."""
        return {"https": self.https, "http": self.http, "proxy": self.proxy, "ca": self.ca, **self.tenants[0]}


def real_now() -> datetime:
    """Real time. The one place that reads the machine's clock."""
    return datetime.now(UTC)  # noqa: TID251


@asynccontextmanager
async def serve(settings: Settings) -> AsyncIterator[Running]:
    """A running server for as long as the context lasts. Raises `ConfigError` before a port opens."""
    typed, seed = read_seed(settings)
    async with AsyncExitStack() as stack:
        folder = _folder(settings, stack)
        metrics = _metrics(settings)
        store = await _open_store(settings, folder)
        if metrics is not None:
            store = TimedStore(store, metrics.store_seconds)
        stack.push_async_callback(store.close)
        blobs = await _open_blobs(settings, folder)
        stack.push_async_callback(blobs.close)
        site = _site(settings, store, blobs, metrics)
        tls = TlsFiles(_tls_folder(settings, folder))
        if settings.store is not None:
            await listener_authority.share(store, tls, real_now)
        tls.ensure(_host_names(settings), real_now())
        site.ca_certificate_pem = tls.ca.read_text()
        site.webhooks.trust(site.ca_certificate_pem)
        tenants = await _plant(site, typed, seed)
        gateway = Gateway(site, faces, first=CONTROL)
        runner = web.ServerRunner(_server(gateway), handle_signals=False, shutdown_timeout=DRAIN_SECONDS)
        await runner.setup()
        stack.push_async_callback(_stop, runner)
        reuse_port = settings.reuse_port
        https = await listen(runner, settings.host, settings.port, tls, reuse_port=reuse_port)
        http = None
        if settings.http_port != "off":
            http = await listen(runner, settings.host, settings.http_port, None, reuse_port=reuse_port)
        if settings.listen_443:
            await listen_443(runner, settings.host, tls, reuse_port=reuse_port)
        proxy = await open_proxy(settings, https, stack)
        host = _shown(settings.host)
        site.addresses = Addresses(
            f"https://{host}:{https}",
            None if http is None else f"http://{host}:{http}",
            None if proxy is None else f"http://{host}:{proxy}",
        )
        site.is_ready = True
        stack.push_async_callback(site.webhooks.close)
        stack.push_async_callback(site.courier.close)
        stack.push_async_callback(site.worker.stop)
        site.worker.start()
        sweeping = asyncio.create_task(keep_sweeping(site))
        stack.callback(sweeping.cancel)
        yield Running(
            **asdict(site.addresses),
            ca=str(tls.ca),
            tenants=[await represent_directory(store, tenant) for tenant in tenants],
            site=site,
        )
        site.is_ready = False


def read_seed(settings: Settings) -> tuple["SeedText", Seed]:
    """The seed that the settings name, by file or as one that comes with upsim; else the Contoso sample."""
    from upsim.server.seed_files import SeedError, listed, open_file

    path = seed_path(settings.seed or "contoso")
    try:
        typed = open_file(path)
        return typed, typed.read()
    except OSError as error:
        known = ", ".join(seed_names())
        raise ConfigError(f"The seed {path} cannot be read: {error.strerror}. With upsim come {known}.") from error
    except SeedError as error:
        raise ConfigError(f"this is no seed.\n{listed(str(path), error.problems)}") from error


def seed_path(name: str) -> Path:
    """The file, or that of a seed that comes with upsim."""
    shipped = fixtures() / f"{name}.toml"
    return shipped if shipped.is_file() and not Path(name).is_file() else Path(name)


def seed_names() -> list[str]:
    """The seeds that come with upsim."""
    return sorted(path.stem for path in fixtures().glob("*.toml"))


def fixtures() -> Path:
    """The folder of the sample seeds: inside the installed package, or beside it in the repository."""
    package = Path(__file__).parent
    installed = package / "fixtures"
    return installed if installed.is_dir() else package.parent / "fixtures"


def _server(gateway: Gateway) -> web.Server:
    return web.Server(
        gateway,
        access_log=None,
        logger=_complaints(),
        max_line_size=HEADER_BYTES_MAX,
        max_field_size=HEADER_BYTES_MAX,
        keepalive_timeout=75,
    )


def _complaints() -> logging.Logger:
    """Where aiohttp tells what went wrong with a connection."""
    logger = logging.getLogger("aiohttp.server")
    if not any(isinstance(each, TellsCuts) for each in logger.filters):
        logger.addFilter(TellsCuts())
    return logger


def _metrics(settings: Settings) -> "Metrics | None":
    """Metrics, whose library is imported only by those who want them."""
    if not settings.metrics:
        return None
    try:
        from upsim.server.metrics import Metrics
    except ImportError as error:
        raise ConfigError("--metrics needs prometheus-client: install upsim[metrics].") from error
    return Metrics(node_name(settings))


async def _stop(runner: web.ServerRunner) -> None:
    """Stop, and wait for no client to take its leave of TLS: a loop that ends would leave its socket open."""
    transports = [each.transport for each in runner.server.connections] if runner.server else []
    await runner.cleanup()
    for transport in transports:
        if transport is not None:
            transport.abort()
    await asyncio.sleep(0)  # noqa: TID251 - the loop's turn, in which they are let go


def _site(settings: Settings, store: Store, blobs: Blobs, metrics: "Metrics | None") -> Site:
    return Site(
        store=store,
        blobs=blobs,
        control_key=settings.control_key,
        node=node_name(settings),
        certificates=X509Certificates(),
        keyring=Keyring(store, real_now, settings.random_seed),
        now=real_now,
        random_seed=settings.random_seed,
        is_shared=settings.store is not None,
        webhooks=_webhooks(settings),
        public_url=settings.public_url.rstrip("/") if settings.public_url else None,
        list_operations=operations,
        metrics=metrics,
    )


def _webhooks(settings: Settings) -> Webhooks:
    hosts = [name.strip() for name in settings.webhook_hosts.split(",") if name.strip()]
    webhooks = Webhooks(hosts)
    if settings.webhook_ca is not None:
        try:
            webhooks.trust(Path(settings.webhook_ca).read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise ConfigError(f"--webhook-ca {settings.webhook_ca} is not a PEM file of CAs: {error}.") from error
    return webhooks


def _folder(settings: Settings, stack: AsyncExitStack) -> Path:
    """The data folder, or one that is gone with the process."""
    if settings.data is not None:
        folder = Path(settings.data)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"The data folder {folder} cannot be made: {error.strerror}.") from error
        return folder
    folder = Path(tempfile.mkdtemp(prefix="upsim-"))
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


async def _open_store(settings: Settings, folder: Path) -> Store:
    if settings.data is None and settings.store is None:
        return SqliteStore.open_memory(real_now)
    try:
        if settings.store is not None:
            return await _open_shared_store(settings, settings.store)
        return await SqliteStore.open_file(folder / "upsim.sqlite", real_now)
    except StoreError as error:
        raise ConfigError(str(error)) from error


async def _open_shared_store(settings: Settings, url: str) -> Store:
    """PostgreSQL, whose library is imported only by those who use it."""
    if not url.startswith(("postgresql://", "postgres://")):
        raise ConfigError(f"--store takes a postgresql:// address, not '{url.partition('@')[2] or url}'.")
    if settings.data is None and settings.documents is None:
        raise ConfigError(
            "A shared store keeps no documents: give --documents s3://..., or --data, a folder that all servers "
            "on the store see."
        )
    try:
        from upsim.storage.postgres.engine import PoolSettings, PostgresStore
    except ImportError as error:
        raise ConfigError("--store needs psycopg: install upsim[postgres].") from error
    pool = PoolSettings(settings.store_connections, settings.store_timeout_seconds)
    return await PostgresStore.open(url, real_now, pool)


async def _open_blobs(settings: Settings, folder: Path) -> Blobs:
    if settings.documents is None:
        return FileBlobs(folder / "documents")
    if settings.data is None and settings.store is None:
        raise ConfigError(
            "--documents keeps documents only: give --data or --store for the state that names them."
        )
    try:
        from upsim.storage.documents.s3 import S3Blobs
    except ImportError as error:
        raise ConfigError("--documents needs aiobotocore: install upsim[s3].") from error
    try:
        return await S3Blobs.open(settings.documents, settings.store_timeout_seconds)
    except StoreError as error:
        raise ConfigError(str(error)) from error


def _tls_folder(settings: Settings, folder: Path) -> Path:
    """Where the CA lives: with the data, else in the user's state folder, so that it need be trusted only once."""
    if settings.data is not None or settings.store is not None:
        return folder / "tls"
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    shared = Path(base) / "upsim" / "tls"
    try:
        shared.mkdir(parents=True, exist_ok=True)
        probe = shared / f".probe-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError:
        return folder / "tls"
    return shared


def _host_names(settings: Settings) -> set[str]:
    """Names beside localhost that the server certificate must carry: Microsoft's too, for redirected clients."""
    names = set(clouds.host_names())
    if settings.host not in {"127.0.0.1", "::1", "localhost", "0.0.0.0", "::"}:  # noqa: S104 - compared, not bound
        names.add(settings.host)
    if settings.public_url:
        from yarl import URL

        if host := URL(settings.public_url).host:
            names.add(host)
    return names


def _shown(host: str) -> str:
    """The host as a client on this machine should write it."""
    if host in {"127.0.0.1", "0.0.0.0", "::", "::1", "localhost"}:  # noqa: S104
        return "localhost"
    return f"[{host}]" if ":" in host else host


async def _plant(site: Site, typed: "SeedText", seed: Seed) -> list[Tenant]:
    try:
        return await plant(
            site.store,
            site.blobs,
            seed,
            site.new_guid,
            lambda: site.operation_ids,
            is_repeatable=site.random_seed is not None,
        )
    except Refused as refused:
        from upsim.server.seed_files import listed

        problems = typed.problems(refused)
        raise ConfigError(f"this seed cannot be used.\n{listed(typed.name, problems)}") from refused
