"""Servers that share one store, and what is asked of each."""

import asyncio
from pathlib import Path

from tests.support.processes import Process
from upsim.actors.printer import Identity, PrinterDevice
from upsim.actors.wire import Wire

PUBLIC_CLIENT = "0c0a7050-0000-4000-8000-00000000d001"


def node(postgres_url: str, data: Path) -> Process:
    return Process("--store", postgres_url, "--data", str(data))


def wire(process: Process) -> Wire:
    return Wire("test", process.https, Path(process.ca).read_text())


def on(process: Process, identity: Identity, connection: Wire) -> PrinterDevice:
    here = Identity(**{**vars(identity), "device_token_url": f"/{process.tenant_id}/oauth2/token"})
    return PrinterDevice(connection, here)


MEGABYTE = 1_000_000


async def put(
    connection: Wire,
    path: str,
    content: bytes,
    start: int,
    stop: int,
    *,
    expect: int,
    stop_after: int | None = None,
) -> None:
    """Send a range; with `stop_after` so many bytes of it and then nothing more."""

    async def pieces() -> object:
        for first in range(start, stop, 256 * 1024):
            if stop_after is not None and first - start >= stop_after:
                await asyncio.Event().wait()
            yield content[first : min(stop, first + 256 * 1024)]

    headers = {
        "Content-Range": f"bytes {start}-{stop - 1}/{len(content)}",
        "Content-Length": str(stop - start),
    }
    await connection.call("PUT", path, data=pieces(), headers=headers, expect=(expect,))
