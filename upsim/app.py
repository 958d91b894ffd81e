"""The composition root: the only module that knows every part. Builds a site and serves its APIs."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web
from msgspec.structs import asdict

from upsim import places
from upsim.apis.control.directory import represent_directory
from upsim.apis.control.table import API as CONTROL
from upsim.config import ConfigError, Settings, node_name
from upsim.domain import clouds
from upsim.domain.refusals import Refusal
from upsim.domain.tenant import Tenant
from upsim.server import listener_authority
from upsim.server.certificates import X509Certificates
from upsim.server.http import HttpServer
from upsim.server.journal import Journals
from upsim.server.keys import Keyring
from upsim.server.listeners import listen, listen_443, open_proxy
from upsim.server.operation import Api, Operation
from upsim.server.pipeline import Pipeline
from upsim.server.request_ids import RequestIds
from upsim.server.seed_files import SeedText, listed
from upsim.server.site import Addresses, Site
from upsim.server.sweep import keep_sweeping
from upsim.server.timed_store import TimedStore
from upsim.server.tls import TlsFiles
from upsim.server.webhooks.calls import Webhooks
from upsim.server.webhooks.courier import Courier
from upsim.server.webhooks.interference import Interference
from upsim.server.worker import Worker
from upsim.services.ports import Blobs, Store
from upsim.services.seeds import Seed, plant
from upsim.shipped import read_seed

if TYPE_CHECKING:
    from upsim.server.metrics import Metrics

HEADER_BYTES_MAX = 32 * 1024
"""A request line or header may be this long: tokens in URLs and OData filters are."""
DRAIN_SECONDS = 0.8
"""How long running requests may take to end after a stop was asked for."""


def apis() -> tuple[Api, ...]:
    """Every API, in the order in which their tables are shown.

    They are imported here, when the first request needs them: the server is ready before.
    """
    from upsim.apis.badges.table import API as BADGES
    from upsim.apis.entra.table import API as ENTRA
    from upsim.apis.graph.table import API as GRAPH
    from upsim.apis.ipp.table import API as IPP
    from upsim.apis.registration.table import API as REGISTRATION

    return (GRAPH, ENTRA, REGISTRATION, IPP, BADGES, CONTROL)


@cache
def operations() -> tuple[Operation, ...]:
    """The whole table of operations."""
    return tuple(operation for api in apis() for operation in api.table)


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


real_now: Callable[[], datetime] = partial(datetime.now, UTC)  # noqa: TID251
"""Real time. The one place that reads the machine's clock."""


@asynccontextmanager
async def serve(settings: Settings, settled: Callable[[], object] = lambda: None) -> AsyncIterator[Running]:
    """A running server for as long as the context lasts. Raises `ConfigError` before a port opens.

    `settled` is called once all that stays for as long as the server runs has been loaded.
    """

    def load() -> tuple[Api, ...]:
        loaded = apis()
        settled()
        return loaded

    typed, seed = read_seed(settings)
    async with AsyncExitStack() as stack:
        folder = places.folder_of(settings, stack)
        metrics = _metrics(settings)
        store = await places.open_store(settings, folder, real_now)
        stack.push_async_callback(store.close)
        blobs = await places.open_blobs(settings, folder, store, real_now)
        stack.push_async_callback(blobs.close)
        if metrics is not None:
            store = TimedStore(store, metrics.store_seconds)
        site = build_site(
            store=store,
            blobs=blobs,
            keyring=Keyring(store, real_now, settings.random_seed),
            now=real_now,
            webhooks=_webhooks(settings),
            random_seed=settings.random_seed,
            is_shared=settings.store is not None,
            node=node_name(settings),
            public_url=settings.public_url.rstrip("/") if settings.public_url else None,
            control_key=settings.control_key,
            list_operations=operations,
            metrics=metrics,
        )
        tls = TlsFiles(places.tls_folder(settings, folder))
        if settings.store is not None:
            await listener_authority.share(store, tls, real_now)
        tls.ensure(_host_names(settings), real_now())
        site.ca_certificate_pem = tls.ca.read_text()
        site.webhooks.trust(site.ca_certificate_pem)
        tenants = await _plant(site, typed, seed)
        server = HttpServer(
            Pipeline(site, load, first=CONTROL),
            access_log=None,
            max_line_size=HEADER_BYTES_MAX,
            max_field_size=HEADER_BYTES_MAX,
            keepalive_timeout=75,
        )
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=DRAIN_SECONDS)
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


def build_site(
    *,
    store: Store,
    blobs: Blobs,
    keyring: Keyring,
    now: Callable[[], datetime],
    webhooks: Webhooks | None = None,
    random_seed: str | None = None,
    is_shared: bool = False,
    node: str = "",
    public_url: str | None = None,
    control_key: str | None = None,
    list_operations: Callable[[], tuple[Operation, ...]] = tuple,
    metrics: "Metrics | None" = None,
) -> Site:
    """Put the parts of a server together. `now` is real time."""
    webhooks, certificates, journals = webhooks or Webhooks(), X509Certificates(), Journals()
    courier = Courier(
        store, webhooks, Interference(store, journals, now), metrics.delivered if metrics else lambda _: None
    )
    return Site(
        store=store,
        blobs=blobs,
        certificates=certificates,
        keyring=keyring,
        now=now,
        random_seed=random_seed,
        is_shared=is_shared,
        request_ids=RequestIds(store.latest_change, random_seed, node if is_shared else ""),
        public_url=public_url,
        list_operations=list_operations,
        control_key=control_key,
        node=node,
        webhooks=webhooks,
        courier=courier,
        journals=journals,
        metrics=metrics,
        worker=Worker(store, certificates, now, courier),
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


async def _plant(site: Site, typed: SeedText, seed: Seed) -> list[Tenant]:
    try:
        return await plant(
            site.store,
            site.blobs,
            seed,
            site.new_guid,
            lambda: site.operation_ids,
            is_repeatable=site.random_seed is not None,
        )
    except Refusal as refusal:
        problems = typed.problems(refusal)
        raise ConfigError(f"this seed cannot be used.\n{listed(typed.name, problems)}") from refusal
