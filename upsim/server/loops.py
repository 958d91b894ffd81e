"""The event loop that a server runs on: asyncio's own or uvloop's (winloop's on Windows)."""

import asyncio
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Literal

from upsim.config import ConfigError

Loop = Literal["auto", "uvloop", "asyncio"]


def loop_factory(loop: Loop) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the loop, for `asyncio.Runner`; None stands for asyncio's default.

    Raises `ConfigError` where uvloop is asked for and cannot be imported.
    """
    if loop == "asyncio":
        return None
    library = "winloop" if sys.platform == "win32" else "uvloop"
    try:
        new_event_loop: Callable[[], asyncio.AbstractEventLoop] = import_module(library).new_event_loop
    except ImportError as error:
        if loop == "auto":
            return None
        raise ConfigError(f"--loop uvloop needs {library}: pip install 'upsim[uvloop]'.") from error
    return new_event_loop
