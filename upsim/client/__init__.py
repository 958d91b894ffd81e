"""A typed client of the control API. A topic's functions describe calls; `Client` and `AsyncClient` send them."""

from upsim.client.ask import Ask, ControlError
from upsim.client.clients import AsyncClient, Client
from upsim.client.journal import Unmet

__all__ = ["Ask", "AsyncClient", "Client", "ControlError", "Unmet"]
