"""Microsoft's Python SDK, signed in with tokens of the tests."""

from collections.abc import Callable
from typing import Any

from azure.core.credentials import AccessToken
from msgraph.graph_service_client import GraphServiceClient

from tests.support.graph.world import Person


class Credential:
    """A credential that has its token already."""

    def __init__(self, token: str | None) -> None:
        self._token = token or ""

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        return AccessToken(self._token, 4_000_000_000)

    async def close(self) -> None: ...


Clients = Callable[[Person], GraphServiceClient]
