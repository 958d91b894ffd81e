"""Sending the browser back to a client with parameters in the address (RFC 6749 section 4.1.2)."""

from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from aiohttp import web


def redirect(uri: str, parameters: Mapping[str, str], *, in_fragment: bool = False) -> web.Response:
    """Redirect to `uri` with the parameters, and `state` if there is one, added to its query."""
    joint = "#" if in_fragment else "&" if urlsplit(uri).query else "?"
    location = f"{uri}{joint}{urlencode(parameters)}" if parameters else uri
    return web.Response(status=302, headers={"Location": location})


def with_state(answer: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """Return the answer with the client's `state`, verbatim, where it sent one."""
    return {**answer, "state": fields["state"]} if "state" in fields else dict(answer)
