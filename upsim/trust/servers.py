"""Which upsim is meant, and what its clients need to know of it."""

import json
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from upsim.server import records
from upsim.trust.environment import Server
from upsim.trust.files import state_folder

DEFAULT_URL = "https://localhost:8443"
TIMEOUT_SECONDS = 10


class NoServer(Exception):
    """No upsim answers; the message says where and what to do."""


class ServerRefused(Exception):
    """A running upsim refused; the message is its own."""


def find_url(given: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """The address that was given, that UPSIM_URL names, of the server that runs here, or the default one.

    Of several servers that run here the one on the default port is meant. Raises `NoServer` if none of them is.
    """
    if named := given or environment.get("UPSIM_URL"):
        return named.rstrip("/")
    urls = sorted({record.url for record in records.running()})
    if not urls or DEFAULT_URL in urls:
        return DEFAULT_URL
    if len(urls) > 1:
        raise NoServer(f"Several upsim run here: {', '.join(urls)}. Name one with --url or UPSIM_URL.")
    return urls[0]


def find_running(given: str | None, environment: Mapping[str, str] = os.environ) -> str | None:
    """The same, but None where no server was named and none is on record here."""
    if given or environment.get("UPSIM_URL") or records.running():
        return find_url(given, environment)
    return None


def find_key(url: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """The key of the control API: UPSIM_CONTROL_KEY, or what the server that runs here has left on record."""
    if key := environment.get("UPSIM_CONTROL_KEY"):
        return key
    return next((record.control_key for record in records.running() if record.url == url), None)


def authorization(url: str) -> dict[str, str]:
    """The header that opens the control API, where it needs one."""
    key = find_key(url)
    return {"Authorization": f"Bearer {key}"} if key else {}


def ca_of(url: str | None) -> str:
    """The CA of a running upsim, or that which the next one without a data folder will use."""
    try:
        return introduce(find_url(url)).ca_pem
    except NoServer:
        kept = state_folder().parent / "tls" / "ca.pem"
        if url or not kept.exists():
            raise
        return kept.read_text()


def introduce(url: str) -> Server:
    """A running upsim. Raises `NoServer`.

    Its CA cannot be checked by a CA, so the first call trusts whoever answers; the second does not.
    """
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    try:
        ca_pem = fetch(f"{url}/_upsim/ca.pem", unchecked).decode()
        addresses = fetch_json(f"{url}/_upsim/addresses", ssl.create_default_context(cadata=ca_pem))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise NoServer(
            f"No upsim answers at {url}: {getattr(error, 'reason', None) or error}. "
            "Start one with 'upsim serve', or name one with --url or UPSIM_URL."
        ) from error
    return Server(
        https=url if url.startswith("https:") else addresses["https"],
        http=addresses["http"],
        proxy=addresses["proxy"],
        ca_pem=ca_pem,
        tenant=addresses["tenant"],
    )


def trusting(server: Server) -> ssl.SSLContext:
    """What trusts this server's CA, and no other."""
    return ssl.create_default_context(cadata=server.ca_pem)


def snippets(server: Server, client: str | None, tenant: str = "") -> str:
    """Ready settings as the server fills them in. Raises `ServerRefused`."""
    path = f"/_upsim/snippets{'/' + quote(client, safe='') if client else ''}"
    context = ssl.create_default_context(cadata=server.ca_pem)
    try:
        url = f"{server.https}{path}?tenant={quote(tenant)}"
        return fetch(url, context, authorization(server.https)).decode()
    except urllib.error.HTTPError as error:
        raise ServerRefused(json.loads(error.read())["error"]["message"]) from error


def date_of(server: Server) -> str:
    """What the server's machine takes for now, as HTTP writes it (RFC 9110 section 6.6.1)."""
    context = ssl.create_default_context(cadata=server.ca_pem)
    with _opened(f"{server.https}/_upsim/livez", context) as response:
        date: str = response.headers["Date"]
    return date


def fetch(url: str, context: ssl.SSLContext | None = None, headers: Mapping[str, str] | None = None) -> bytes:
    """The body of a URL, past any proxy that the environment names."""
    with _opened(url, context, headers) as response:
        body: bytes = response.read()
    return body


def _opened(url: str, context: ssl.SSLContext | None, headers: Mapping[str, str] | None = None) -> Any:
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if context is not None:
        handlers.append(urllib.request.HTTPSHandler(context=context))
    request = urllib.request.Request(url, headers=dict(headers or {}))  # noqa: S310 - the user named the server
    return urllib.request.build_opener(*handlers).open(request, timeout=TIMEOUT_SECONDS)


def fetch_json(url: str, context: ssl.SSLContext | None = None) -> dict[str, Any]:
    """The same for a JSON object."""
    return dict(json.loads(fetch(url, context)))
