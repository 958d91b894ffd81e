"""Redirection of the addresses that a program opens in the user's browser, which ignores proxy variables.

`upsim exec` sets BROWSER, which `webbrowser` of Python and xdg-open honour, to `upsim browse`.
"""

import os
import shlex
import sys
import webbrowser
from collections.abc import Mapping
from urllib.parse import urlsplit

from upsim.domain import clouds

OWN = "UPSIM_BROWSER"
"""The BROWSER that was set before `upsim exec` took its place."""


def variables(current: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that make programs open their addresses here."""
    command = shlex.join([sys.executable, "-m", "upsim", "browse"]) + " %s"
    return {"BROWSER": command, OWN: current.get("BROWSER", "")}


def led(address: str, upsim_url: str) -> str:
    """Return the address at upsim, where it is one of Microsoft's that upsim plays; else as it is.

    Raises `ValueError` for other Microsoft hosts: their sign-in page must not be mistaken for upsim's.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if clouds.locate(host) is not None:
        own = urlsplit(upsim_url)
        return parts._replace(scheme=own.scheme, netloc=own.netloc).geturl()
    if clouds.is_microsoft(host):
        raise ValueError(f"{host} is Microsoft's and upsim does not play it; it is not opened.")
    return address


def show(address: str) -> bool:
    """Open the address in the user's own browser."""
    own = os.environ.pop(OWN, "")
    os.environ.pop("BROWSER", None)
    if own:
        os.environ["BROWSER"] = own
    return webbrowser.open(address)
