"""The files that a client's variables name: CA, bundle, Java trust store, preloads for Node.js and Python."""

import json
import os
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from upsim.domain import clouds
from upsim.server.proxy import Address
from upsim.trust import formats


class TrustFiles(NamedTuple):
    """Absolute paths. `bundle` is the CA and all that the machine trusts, for variables that replace its trust."""

    ca: Path
    bundle: Path
    java: Path
    node: Path
    python: Path
    """The folder that holds a `sitecustomize`."""


def write(
    folder: Path,
    ca_pem: str,
    upsim: Address,
    allowed: Iterable[str] = (),
    environment: Mapping[str, str] = os.environ,
) -> TrustFiles:
    """Write all files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    folder = folder.resolve()
    files = TrustFiles(
        folder / "ca.pem",
        folder / "bundle.pem",
        folder / "truststore.p12",
        folder / "redirect.cjs",
        folder / "python",
    )
    files.python.mkdir(exist_ok=True)
    _replace(files.ca, formats.export(ca_pem, "pem"))
    _replace(files.bundle, bundle(ca_pem, environment).encode())
    _replace(files.java, formats.export(ca_pem, "jks"))
    routes = {
        "upsim": upsim._asdict(),
        "names": clouds.host_names(),
        "microsoft": clouds.MICROSOFT_DOMAINS,
        "allowed": list(allowed),
    }
    _replace(folder / "routes.json", json.dumps(routes).encode())
    _replace(
        files.python / "sitecustomize.py", resources.files("upsim.trust").joinpath("redirect.py").read_bytes()
    )
    _replace(files.node, resources.files("upsim.trust").joinpath("redirect.cjs").read_bytes())
    return files


def bundle(ca_pem: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the CA and the authorities that the user trusts already."""
    named = next(
        (environment[name] for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE") if environment.get(name)), None
    )
    return ca_pem.rstrip("\n") + "\n" + formats.roots(named)


def state_folder() -> Path:
    """Return the folder of files that outlast a command (XDG_STATE_HOME, XDG Base Directory Specification)."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "upsim" / "trust"


def _replace(path: Path, octets: bytes) -> None:
    """Replace a file atomically, because a client may be reading it."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_bytes(octets)
    part.replace(path)
