"""Signing in: as the application, and anew when Graph no longer takes a token that looked valid."""

import asyncio
from collections.abc import Callable
from typing import Any, Self

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.identity.aio import ClientSecretCredential

from contoso_pull_print.settings import Settings

SCOPE = "https://graph.microsoft.com/.default"


class RenewableCredential(AsyncTokenCredential):
    """A credential whose tokens can be given up before their time.

    azure-identity hands out a cached token until it expires by our own clock. Graph may refuse it earlier: its
    clock differs, or the token was revoked.
    """

    def __init__(self, make: Callable[[], AsyncTokenCredential]) -> None:
        self._make = make
        self._current = make()
        self._lock = asyncio.Lock()

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """The cached token, or a new one when that has expired."""
        return await self._current.get_token(*scopes, **options)

    async def get_token_after(self, refused: str) -> str:
        """Another token than the one that was refused. Callers that were refused together share one renewal."""
        async with self._lock:
            token = await self.get_token(SCOPE, enable_cae=True)
            if token.token == refused:
                given_up, self._current = self._current, self._make()
                await given_up.close()
                token = await self.get_token(SCOPE, enable_cae=True)
            return token.token

    async def close(self) -> None:
        """Close what signs in."""
        await self._current.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def of_application(settings: Settings) -> RenewableCredential:
    """The application signs in as itself."""
    return RenewableCredential(
        lambda: ClientSecretCredential(
            settings.tenant_id,
            settings.client_id,
            settings.client_secret,
            authority=settings.authority,
            disable_instance_discovery=settings.authority != Settings.authority,
            connection_verify=settings.ca_file or True,
        )
    )
