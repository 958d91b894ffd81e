"""The `sitecustomize` of every Python under `upsim exec`: redirects name resolution as the proxy redirects calls.

Libraries that ignore HTTPS_PROXY, as aiohttp does by default, reach upsim this way, and no other host of
Microsoft's. It runs in whatever Python the program has, so it needs the standard library alone; a `sitecustomize`
of the machine's own is loaded after it.
"""

import importlib.util
import ipaddress
import json
import os
import socket
import sys
from typing import Any

_FOLDER = os.path.dirname(os.path.abspath(__file__))


def _routes() -> Any:
    with open(os.path.join(_FOLDER, os.pardir, "routes.json"), encoding="utf-8") as file:
        return json.load(file)


class _Led:
    """`socket.getaddrinfo`, redirected."""

    def __init__(self, routes: Any) -> None:
        self._resolve = socket.getaddrinfo
        self._routes = routes

    def __call__(self, host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        name = _plain(host)
        if _is_named(name, self._routes["names"]):
            if str(port) not in {"443", "https"}:
                raise _refused(f"upsim plays {name} on port 443 only")
            upsim = self._routes["upsim"]
            return self._resolve(upsim["host"], upsim["port"], *arguments, **named)
        if any(name == domain or name.endswith("." + domain) for domain in self._routes["microsoft"]):
            raise _refused(f"{name} is Microsoft's and upsim does not play it; it is never called")
        if not self._allows(name):
            raise _refused(f"{name} is not allowed; allow it with: upsim exec --allow {name}")
        return self._resolve(host, port, *arguments, **named)

    def _allows(self, name: str) -> bool:
        """Return whether a host may be resolved; IP addresses always may."""
        allowed = self._routes["allowed"]
        is_own = name in {"", "localhost", socket.gethostname().lower()} or name.endswith(".localhost")
        return is_own or "*" in allowed or _is_address(name) or _is_named(name, allowed)


def _plain(host: Any) -> str:
    text = host.decode("ascii", "replace") if isinstance(host, (bytes, bytearray)) else str(host or "")
    return text.strip("[]").rstrip(".").lower()


def _is_named(name: str, names: Any) -> bool:
    return any(name.endswith(each[1:]) if each.startswith("*.") else name == each for each in names)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True


def _refused(why: str) -> OSError:
    return socket.gaierror(socket.EAI_FAIL, f"upsim: {why}")


def _load_the_machines_own() -> None:
    """Load the `sitecustomize` that this one hides."""
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != _FOLDER]
    ours = sys.modules.pop("sitecustomize", None)
    spec = importlib.util.find_spec("sitecustomize")
    if spec is None or spec.loader is None:
        if ours is not None:
            sys.modules["sitecustomize"] = ours
        return
    theirs = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = theirs
    spec.loader.exec_module(theirs)


if __name__ == "sitecustomize":
    socket.getaddrinfo = _Led(_routes())
    _load_the_machines_own()
