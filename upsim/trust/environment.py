"""The variables that direct a program to upsim and make it trust upsim's CA, and how shells set them."""

import json
import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from upsim.domain import clouds
from upsim.domain.clouds import Service
from upsim.trust.files import TrustFiles
from upsim.trust.formats import PASSWORD

Shell = Literal["bash", "fish", "pwsh", "json"]

LOGIN = "https://login.microsoftonline.com"
UNPROXIED = ("localhost", "127.0.0.1", "::1")


class Server(NamedTuple):
    """A running upsim: addresses, CA and tenant."""

    https: str
    http: str | None
    proxy: str | None
    ca_pem: str
    tenant: str


def variables(server: Server, files: TrustFiles, current: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the variables of a child process. Only with a proxy do Microsoft's names lead to upsim."""
    found = _trust(files) | _own(server, files) | {"AZURE_AUTHORITY_HOST": server.https}
    if server.proxy:
        found |= _proxies(server.proxy, current)
        found["AZURE_AUTHORITY_HOST"] = _login(current)
        found["NODE_USE_ENV_PROXY"] = "1"
        found["PYTHONPATH"] = os.pathsep.join(filter(None, [str(files.python), current.get("PYTHONPATH")]))
        found["NODE_OPTIONS"] = _joined(current.get("NODE_OPTIONS"), f"--require {_node_quoted(files.node)}")
    found["JAVA_TOOL_OPTIONS"] = _joined(current.get("JAVA_TOOL_OPTIONS"), _java(server.proxy, files))
    return found


def _trust(files: TrustFiles) -> dict[str, str]:
    """Return the trust variables.

    NODE_EXTRA_CA_CERTS adds to what Node.js trusts; the others replace, so they name the bundle.
    """
    bundle = str(files.bundle)
    return {
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "CURL_CA_BUNDLE": bundle,
        "NODE_EXTRA_CA_CERTS": str(files.ca),
    }


def _own(server: Server, files: TrustFiles) -> dict[str, str]:
    named = {
        "UPSIM_URL": server.https,
        "UPSIM_HTTP_URL": server.http,
        "UPSIM_PROXY": server.proxy,
        "UPSIM_CA": str(files.ca),
        "UPSIM_TENANT": server.tenant,
    }
    return {name: value for name, value in named.items() if value}


def _proxies(proxy: str, current: Mapping[str, str]) -> dict[str, str]:
    """Return the proxy variables; plain HTTP too, as a token for http://graph.microsoft.com must not leave."""
    own = [
        name
        for entry in (current.get("no_proxy") or current.get("NO_PROXY") or "").split(",")
        if (name := entry.strip()) and name != "*" and not clouds.is_microsoft(name.lstrip("*."))
    ]
    unproxied = ",".join(dict.fromkeys([*UNPROXIED, *own]))
    values = {"HTTPS_PROXY": proxy, "HTTP_PROXY": proxy, "NO_PROXY": unproxied}
    return values | {name.lower(): value for name, value in values.items()}


def _login(current: Mapping[str, str]) -> str:
    """Return the user's own authority host where it is one that upsim plays, such as a government's."""
    named = current.get("AZURE_AUTHORITY_HOST", "")
    located = clouds.locate(urlsplit(named if "://" in named else f"https://{named}").netloc)
    return named if located is not None and located[1] is Service.LOGIN else LOGIN


def _java(proxy: str | None, files: TrustFiles) -> str:
    options = [
        f"-Djavax.net.ssl.trustStore={files.java}",
        f"-Djavax.net.ssl.trustStorePassword={PASSWORD}",
    ]
    if proxy:
        address = urlsplit(proxy)
        for scheme in ("https", "http"):
            options += [f"-D{scheme}.proxyHost={address.hostname}", f"-D{scheme}.proxyPort={address.port}"]
    return " ".join(f'"{option}"' if " " in option else option for option in options)


def _node_quoted(path: Path) -> str:
    """Quote a path with spaces for NODE_OPTIONS."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _joined(before: str | None, added: str) -> str:
    return f"{before} {added}" if before else added


def render(values: Mapping[str, str], shell: Shell) -> str:
    """Return the variables as text that the shell evaluates, or as JSON."""
    if shell == "json":
        return json.dumps(values, indent=2) + "\n"
    line = _LINES[shell]
    return "".join(line(name, value) + "\n" for name, value in values.items())


_LINES: dict[str, Callable[[str, str], str]] = {
    "bash": lambda name, value: f"export {name}={shlex.quote(value)}",
    "fish": lambda name, value: (
        f"set -gx {name} '{value.replace(chr(92), chr(92) * 2).replace(chr(39), chr(92) + chr(39))}'"
    ),
    "pwsh": lambda name, value: f"$env:{name} = '{value.replace(chr(39), chr(39) * 2)}'",
}
