"""Finding the upsim that a command is meant for, and its addresses and CA."""

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
    """Return the given address, that of UPSIM_URL, that of the server that runs here, or the default.

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
    """Return the same, or None where no server was named and none is recorded here."""
    if given or environment.get("UPSIM_URL") or records.running():
        return find_url(given, environment)
    return None


def find_key(url: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the key of the control API: UPSIM_CONTROL_KEY, or the one that the running server recorded."""
    if key := environment.get("UPSIM_CONTROL_KEY"):
        return key
    return next((record.control_key for record in records.running() if record.url == url), None)


def authorization(url: str) -> dict[str, str]:
    """Return the Authorization header of the control API, if it needs one."""
    key = find_key(url)
    return {"Authorization": f"Bearer {key}"} if key else {}


def ca_of(url: str | None) -> str:
    """Return the CA of a running upsim, or the one that the next server without a data folder will use."""
    try:
        return introduce(find_url(url)).ca_pem
    except NoServer:
        stored = state_folder().parent / "tls" / "ca.pem"
        if url or not stored.exists():
            raise
        return stored.read_text()


def introduce(url: str) -> Server:
    """Fetch addresses and CA of a running upsim. Raises `NoServer`.

    Nothing vouches for its CA, so the first call is unverified; the second is verified with that CA.
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
    """Return a TLS context that trusts this server's CA alone."""
    return ssl.create_default_context(cadata=server.ca_pem)


def snippets(server: Server, client: str | None, tenant: str = "") -> str:
    """Return client settings that the server filled in. Raises `ServerRefused`."""
    path = f"/_upsim/snippets{'/' + quote(client, safe='') if client else ''}"
    context = ssl.create_default_context(cadata=server.ca_pem)
    try:
        url = f"{server.https}{path}?tenant={quote(tenant)}"
        return fetch(url, context, authorization(server.https)).decode()
    except urllib.error.HTTPError as error:
        raise ServerRefused(json.loads(error.read())["error"]["message"]) from error


def date_of(server: Server) -> str:
    """Return the server's Date header (RFC 9110 section 6.6.1)."""
    context = ssl.create_default_context(cadata=server.ca_pem)
    with _opened(f"{server.https}/_upsim/livez", context) as response:
        date: str = response.headers["Date"]
    return date


def fetch(url: str, context: ssl.SSLContext | None = None, headers: Mapping[str, str] | None = None) -> bytes:
    """Fetch a URL without the proxy that the environment names, and return the body."""
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
    """Fetch a URL whose body is a JSON object."""
    return dict(json.loads(fetch(url, context)))
