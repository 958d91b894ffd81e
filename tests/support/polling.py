"""Waiting for what happens in another process or by itself."""

import asyncio
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 60


async def until(is_so: Callable[[], Any]) -> None:
    """Look again and again until it is so; fails when patience is at an end."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not is_so():
            await asyncio.sleep(0.02)  # noqa: TID251 - another process has no event to wait for
