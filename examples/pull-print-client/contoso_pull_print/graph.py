"""A Graph client that waits as long as it is told to, and signs in again once when a token is refused."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
from azure.core.credentials import TokenCredential
from azure.core.credentials_async import AsyncTokenCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.kiota_client_factory import KiotaClientFactory
from kiota_http.middleware import ParametersNameDecodingHandler
from kiota_http.middleware.middleware import BaseMiddleware
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient

from contoso_pull_print.credentials import SCOPE, RenewableCredential
from contoso_pull_print.settings import Settings

Wait = Callable[[float], Awaitable[object]]
TRIES = 5
SECONDS_IF_NOT_TOLD = 5.0


class Patience(BaseMiddleware):
    """Calls again after 429 and 503, and never earlier than Retry-After says.

    The SDK's own handler gives up when that is three minutes or more; Universal Print counts jobs over ten.
    """

    def __init__(self, wait: Wait) -> None:
        super().__init__()
        self._wait = wait

    async def send(self, request: httpx.Request, transport: httpx.AsyncBaseTransport) -> httpx.Response:
        """One call, repeated."""
        for attempt in range(TRIES):
            response = await super().send(request, transport)
            if response.status_code not in {429, 503}:
                break
            if attempt < TRIES - 1:
                await response.aclose()
                await self._wait(float(response.headers.get("Retry-After", SECONDS_IF_NOT_TOLD)))
        return response


class SignInAgain(BaseMiddleware):
    """Repeats a call once with a new token where the token was refused."""

    def __init__(self, credential: RenewableCredential) -> None:
        super().__init__()
        self._credential = credential

    async def send(self, request: httpx.Request, transport: httpx.AsyncBaseTransport) -> httpx.Response:
        """One call. A 401 with a claims challenge is the SDK's own business."""
        response = await super().send(request, transport)
        if response.status_code != 401 or "claims=" in response.headers.get("WWW-Authenticate", ""):
            return response
        await response.aclose()
        refused = request.headers["Authorization"].removeprefix("Bearer ")
        request.headers["Authorization"] = f"Bearer {await self._credential.get_token_after(refused)}"
        return await super().send(request, transport)


@asynccontextmanager
async def connected(
    settings: Settings, credential: TokenCredential | AsyncTokenCredential, wait: Wait = asyncio.sleep
) -> AsyncIterator[GraphServiceClient]:
    """A client of the tenant's Graph. The credential stays its owner's to close."""
    middleware: list[BaseMiddleware] = [Patience(wait)]
    if isinstance(credential, RenewableCredential):
        middleware.append(SignInAgain(credential))
    middleware.append(ParametersNameDecodingHandler())
    plain = httpx.AsyncClient(
        verify=ssl.create_default_context(cafile=settings.ca_file), base_url=settings.graph_url, timeout=100
    )
    async with KiotaClientFactory.create_with_custom_middleware(middleware, client=plain) as http:
        adapter = GraphRequestAdapter(AzureIdentityAuthenticationProvider(credential, scopes=[SCOPE]), client=http)
        adapter.base_url = settings.graph_url
        yield GraphServiceClient(request_adapter=adapter)
