"""Which servers run here for this user: a small file each, so that commands find one without being told where.

They lie in the user's state folder (XDG Base Directory Specification), readable by the user alone, because a
record holds the control key where there is one. A server that was killed leaves a record behind; whoever reads it
sees that its process is gone.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct


class Record(Struct, frozen=True, kw_only=True):
    """A running server."""

    url: str
    pid: int
    data: str | None = None
    control_key: str | None = None

    @property
    def is_alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True
        return True


def folder() -> Path:
    """Where the records are."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "upsim" / "servers"


@contextmanager
def on_record(record: Record) -> Iterator[None]:
    """Keep a record for as long as the server runs. Where that cannot be written, it serves all the same."""
    path = folder() / f"{record.pid}.json"
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(record))
        part.replace(path)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def running() -> list[Record]:
    """The servers whose processes live. Records of others are taken away."""
    found = []
    for path in sorted(folder().glob("*.json")):
        try:
            record = msgspec.json.decode(path.read_bytes(), type=Record)
        except (OSError, msgspec.DecodeError):  # it ended just now
            continue
        if record.is_alive:
            found.append(record)
        else:
            with suppress(OSError):
                path.unlink(missing_ok=True)
    return found
