"""upsim inside the process of a test: servers, tenants by the test, fixtures of pytest."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from upsim.testing.servers import Server, connected, running, running_here
    from upsim.testing.tenant import Tenant

__all__ = ["Server", "Tenant", "connected", "running", "running_here"]


def __getattr__(name: str) -> object:
    """What the names stand for, imported when somebody asks: pytest loads this package in every run."""
    if name not in __all__:
        raise AttributeError(f"module 'upsim.testing' has no attribute '{name}'")
    module = "tenant" if name == "Tenant" else "servers"
    return getattr(import_module(f"upsim.testing.{module}"), name)
