"""The caller, as proved by the access token."""

from typing import Literal

from msgspec import Struct

from upsim.domain.user import Role


class Caller(Struct, frozen=True, kw_only=True, cache_hash=True):
    """The subject of a verified access token.

    `user` carries delegated `scopes` and the user's `roles`; `application` and `device` carry application
    `permissions`. A device is a printer, or a connector, that proved itself with its certificate. One value serves
    all calls with a token and is part of cache keys, so its hash is cached.
    """

    kind: Literal["nobody", "user", "application", "device"]
    tenant_id: str = ""
    app_id: str = ""
    user_id: str = ""
    user_principal_name: str = ""
    display_name: str = ""
    printer_id: str = ""
    """A device's own: the printer, or the connector until it has named one of its printers."""
    connector_id: str = ""
    """The connector that speaks for the printer, where the printer does not itself."""
    scopes: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    proof: Literal["token", "key"] = "token"
    """`key`: a short key in place of a token, from a client that cannot send tokens."""

    @property
    def is_printer_administrator(self) -> bool:
        return not self.roles.isdisjoint(_PRINTER_ADMINISTRATORS)

    @property
    def name(self) -> str:
        """The caller's name in log lines."""
        return self.user_principal_name or self.printer_id or self.app_id or "nobody"


_PRINTER_ADMINISTRATORS = frozenset({Role.PRINTER_ADMINISTRATOR, Role.GLOBAL_ADMINISTRATOR})
NOBODY = Caller(kind="nobody")
