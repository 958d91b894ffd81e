"""Microsoft's Python SDK as a fixture."""

from collections.abc import AsyncIterator

import pytest
from msgraph.graph_service_client import GraphServiceClient

from tests.support.graph.sdk import Clients, Credential
from tests.support.graph.world import Person, World


@pytest.fixture
async def client(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Clients]:
    """Clients for people; httpx reads the CA from the environment."""
    monkeypatch.setenv("SSL_CERT_FILE", str(world.ca))
    made: list[GraphServiceClient] = []

    def make(person: Person) -> GraphServiceClient:
        graph = GraphServiceClient(Credential(person.token), scopes=["https://graph.microsoft.com/.default"])  # type: ignore[arg-type]
        graph.request_adapter.base_url = f"{world.url}/v1.0"
        made.append(graph)
        return graph

    yield make
    for graph in made:
        # The SDK's own transport does not pass the closing on.
        await graph.request_adapter._http_client._transport.transport.aclose()  # type: ignore[attr-defined]
