"""The scheme Basic (RFC 7617): a short key in place of a bearer token, on APIs that take it.

Over TLS, or from this machine; a key never crosses a network in clear text.
"""

import base64
import binascii

from upsim.domain.caller import Caller
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.tenant import Tenant
from upsim.services import client_keys, tenants
from upsim.services.ports import SYSTEM, Store

CREDENTIALS_LENGTH_MAX = 1024


def is_basic(authorization: str | None) -> bool:
    """Whether an `Authorization` header is of this scheme."""
    return authorization is not None and authorization[:6].lower().rstrip() == "basic"


class KeyAuthenticator:
    """Turns Basic credentials into a `Caller`, or refuses with `UNAUTHENTICATED` and a reason."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def authenticate(self, authorization: str, *, is_private: bool) -> tuple[Caller, Tenant]:
        """The caller whom the key proves, and its tenant. `is_private`: nobody else could read the header."""
        if not is_private:
            raise _unauthenticated(
                "A key is accepted over HTTPS, or over HTTP from this machine only.", "key-in-clear"
            )
        name, key = _credentials(authorization)
        for tenant in await self._store.read(SYSTEM, tenants.list_all):
            caller = await self._store.read(tenant.id, lambda tx: client_keys.prove(tx, name, key))
            if caller is not None:
                return caller, tenant
        raise _unauthenticated(
            "The user name and key do not fit. The user name is a printer id or a user principal name; see "
            "/_upsim/tenants/{tenant}/printers/{printer}/device-key.",
            "key-wrong",
        )


def _credentials(authorization: str) -> tuple[str, str]:
    encoded = authorization.partition(" ")[2].strip()
    try:
        text = base64.b64decode(encoded[:CREDENTIALS_LENGTH_MAX], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise _unauthenticated("The Basic credentials are not base64 of UTF-8.", "key-malformed") from error
    name, _, key = text.partition(":")
    return name, key


def _unauthenticated(detail: str, reason: str) -> Refusal:
    return Refusal(RefusalKind.UNAUTHENTICATED, detail, reason=reason)
