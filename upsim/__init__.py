"""upsim, a local Universal Print: one core (domain, services) behind thin protocol APIs."""

from importlib import import_module
from typing import TYPE_CHECKING

from upsim import version

if TYPE_CHECKING:
    from upsim.client import AsyncClient, Client

__all__ = ["AsyncClient", "Client", "__version__"]
__version__ = version.VERSION


def __getattr__(name: str) -> object:
    """The clients, imported when somebody asks for them."""
    if name in {"AsyncClient", "Client"}:
        return getattr(import_module("upsim.client"), name)
    raise AttributeError(f"module 'upsim' has no attribute '{name}'")
