"""What stays for as long as a server runs is loaded by its first request, and the program is told."""

import asyncio
import urllib.request

from upsim.app import serve
from upsim.config import Settings


async def test_a_program_is_told_once_that_everything_is_loaded() -> None:
    told: list[str] = []
    async with serve(Settings(port=0, http_port=0), settled=lambda: told.append("loaded")) as running:
        assert told == []  # the server was ready before
        for _ in range(2):
            await asyncio.to_thread(lambda: urllib.request.urlopen(f"{running.http}/v1.0/$metadata").close())
            assert told == ["loaded"]
