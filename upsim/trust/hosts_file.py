"""Lines for a hosts file, for programs without a setting for proxy or host, and how to undo them."""

import sys
from pathlib import Path

from upsim.domain import clouds

BEGIN = "# upsim: begin"
END = "# upsim: end"
PATH = Path(r"C:\Windows\System32\drivers\etc\hosts" if sys.platform == "win32" else "/etc/hosts")

APPLY = f"upsim hosts | sudo tee -a {PATH}"
UNDO = f"sudo sed -i.upsim '/^{BEGIN}/,/^{END}/d' {PATH}"
"""Works with GNU and BSD sed; leaves the file as it was before as `hosts.upsim`."""


def lines(address: str = "127.0.0.1") -> str:
    """Return one line a name. A hosts file has no wildcards, so regional login hosts are missing."""
    names = [name for name in clouds.host_names() if not name.startswith("*.")]
    return "\n".join([BEGIN, *(f"{address}\t{name}" for name in names), END]) + "\n"


def redirected(text: str) -> list[str]:
    """Return the Microsoft names that a hosts file redirects."""
    found = []
    for line in text.splitlines():
        address, *names = line.partition("#")[0].split() or [""]
        found += [name for name in names if address and clouds.locate(name) is not None]
    return found


def advice(address: str) -> str:
    """Return instructions to use the lines and to remove them."""
    if sys.platform == "win32":
        return f"Append these lines to {PATH} as Administrator; undo: remove them, from '{BEGIN}' to '{END}'.\n"
    return (
        f"Apply: {APPLY}\nUndo:  {UNDO}\n"
        f"Clients then call {address} on port 443: start upsim with --listen-443, and have them trust its CA "
        "('upsim ca export').\nWhile they are there, this machine does not reach those hosts of Microsoft's.\n"
    )
