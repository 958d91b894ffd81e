"""The address at which a URL's server listens."""

from urllib.parse import urlsplit

from upsim.server.proxy import Address


def address_of(url: str) -> Address:
    """Return the host and port to connect to; localhost as the address that upsim listens on."""
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    default = 80 if parts.scheme == "http" else 443
    return Address("127.0.0.1" if host == "localhost" else host, parts.port or default)
