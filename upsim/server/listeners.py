"""Opening ports, with errors that say which option gives another."""

import errno
from contextlib import AsyncExitStack

from aiohttp import web

from upsim.config import ConfigError, Settings
from upsim.server.tls import TlsFiles

HTTPS_PORT = 443
_BACKLOG = 512


async def listen(runner: web.ServerRunner, host: str, port: int, tls: TlsFiles | None, *, reuse_port: bool) -> int:
    """Open one listener, for HTTPS where there are TLS files, and return its port."""
    before = len(runner.addresses)
    context = tls.context() if tls else None
    try:
        await web.TCPSite(runner, host, port, ssl_context=context, backlog=_BACKLOG, reuse_port=reuse_port).start()
    except OSError as error:
        option = "--port" if tls else "--http-port"
        raise ConfigError(
            f"Port {port} on {host} cannot be opened: {error.strerror}. "
            f"Another program may hold it; give another with {option}, or {option} 0 for a free one."
        ) from error
    return int(runner.addresses[before][1])


async def listen_443(runner: web.ServerRunner, host: str, tls: TlsFiles, *, reuse_port: bool) -> None:
    """Open the port that clients use which are redirected by a hosts file."""
    try:
        context = tls.context()
        await web.TCPSite(
            runner, host, HTTPS_PORT, ssl_context=context, backlog=_BACKLOG, reuse_port=reuse_port
        ).start()
    except OSError as error:
        hint = "Another program may hold it."
        if error.errno in {errno.EACCES, errno.EPERM}:
            hint = (
                "It needs root, the capability CAP_NET_BIND_SERVICE, or a container with "
                "net.ipv4.ip_unprivileged_port_start=0."
            )
        raise ConfigError(
            f"Port {HTTPS_PORT} on {host} cannot be opened for --listen-443: {error.strerror}. {hint} "
            "Without it, 'upsim exec -- COMMAND' redirects one program and needs no rights."
        ) from error


async def open_proxy(settings: Settings, https_port: int, stack: AsyncExitStack) -> int | None:
    """Open the proxy that the settings ask for; it ends with the stack."""
    if settings.proxy_port == "off":
        return None
    from upsim.server.proxy import Address, Proxy, Routes  # most servers have none

    upsim = Address(_reached(settings.host), https_port)
    allowed = filter(None, (name.strip() for name in settings.proxy_allow.split(",")))
    try:
        proxy = Proxy(Routes(upsim, allowed), settings.host, settings.proxy_port, reuse_port=settings.reuse_port)
        await stack.enter_async_context(proxy)
    except OSError as error:
        raise ConfigError(
            f"Port {settings.proxy_port} on {settings.host} cannot be opened: {error.strerror}. "
            "Another program may hold it; give another with --proxy-port, or --proxy-port 0 for a free one."
        ) from error
    return proxy.port


def _reached(host: str) -> str:
    """Where a listener on `host` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
