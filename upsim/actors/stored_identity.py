"""A device's identity between runs: its key and the result of registration, readable by its owner alone."""

import json
import os
from pathlib import Path
from urllib.parse import quote

from upsim.actors.printer import Identity


def folder_of(tenant_id: str, name: str) -> Path:
    """Return the folder of a printer's identity (XDG_STATE_HOME, XDG Base Directory Specification)."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "upsim" / "printers" / tenant_id / quote(name, safe=" ")


def save(folder: Path, identity: Identity) -> None:
    """Write an identity to a folder; the key is readable by its owner alone."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = identity.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    values = _without_key(identity)
    _write(folder / "identity.json", json.dumps({**values, "private_key": key.decode()}, indent=1).encode())


def load(folder: Path) -> Identity | None:
    """Read an identity; None if the folder has none that can be read."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        values = json.loads((folder / "identity.json").read_bytes())
        key = load_pem_private_key(values.pop("private_key").encode(), None)
        if not isinstance(key, RSAPrivateKey):
            return None
        return Identity(private_key=key, **values)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _without_key(identity: Identity) -> dict[str, str]:
    """Return the identity without its key, as text."""
    return {name: value for name, value in vars(identity).items() if name != "private_key"}


def _write(path: Path, octets: bytes) -> None:
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(octets)
    part.replace(path)
