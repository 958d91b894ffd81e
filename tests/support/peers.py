"""Programs, and a port, that some tests need beside Python packages."""

import errno
import os
import shutil
import socket
from pathlib import Path

import pytest


def require_program(*names: str) -> str:
    """The path of the first program that is installed.

    Without any of them the test is skipped with its reason, or fails when UPSIM_REQUIRE_PEERS=1, so that CI
    never skips silently.
    """
    for name in names:
        for folder in (None, "/usr/sbin:/usr/local/sbin", *_postgresql_folders()):
            if found := shutil.which(name, path=folder):
                return found
    reason = f"needs {' or '.join(names)}, which is not installed"
    if os.environ.get("UPSIM_REQUIRE_PEERS") == "1":
        pytest.fail(reason + " although UPSIM_REQUIRE_PEERS=1")
    pytest.skip(reason)


def require_port_443() -> None:
    """Skip where port 443 of localhost cannot be had; CI is root, so there the right to it must not be missing."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", 443))
        except OSError as error:
            reason = f"needs port 443 of localhost: {error.strerror}"
            is_refused = error.errno in {errno.EACCES, errno.EPERM}
            if is_refused and os.geteuid() == 0 and os.environ.get("UPSIM_REQUIRE_PEERS") == "1":
                pytest.fail(reason + " although this is root and UPSIM_REQUIRE_PEERS=1")
            pytest.skip(reason)


def _postgresql_folders() -> list[str]:
    """Where Debian and its kin keep the programs of each version, the newest first."""
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    return [str(folder) for folder in sorted(folders, key=lambda each: int(each.parent.name), reverse=True)]
