"""Tokens that nobody was granted, for tests of what happens with bad ones."""

from typing import Any, Literal

from msgspec import Struct

from upsim.domain.application import Application
from upsim.domain.query import Query
from upsim.services import identity, permissions
from upsim.services.client_authentication import Proof
from upsim.services.device_tokens import ENABLED_PRINTER
from upsim.services.grants import Grant
from upsim.services.ports import Transaction


class WantedToken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the token shall say. Whatever is left out is as in a token that would have been granted."""

    tenant: str = "common"
    application: str = ""
    """An application id; it need not exist."""
    user: str = ""
    """A user principal name or id. Without it, and without a printer, the token is the application's own."""
    printer: str = ""
    resource: str = ""
    audience: str = ""
    """`aud` itself, where it shall differ from the resource's."""
    permissions: tuple[str, ...] = ()
    valid_seconds: int = 3600
    """From the tenant's now; below zero the token has expired already."""
    claims: dict[str, Any] = {}
    """Set over all others; null takes a claim away."""
    key: Literal["upsim", "stranger", "unknown"] = "upsim"
    """Signed by upsim; by another key under upsim's kid; or under a kid that nobody knows."""


def grant(tx: Transaction, wanted: WantedToken, own_url: str) -> Grant:
    """The grant that the wanted amounts to. No permission is checked."""
    application = tx.get(Application, wanted.application) or tx.first(Query(entity=Application, limit=1))
    application = application or ENABLED_PRINTER
    if wanted.application and wanted.application != application.id:
        application = Application(
            id=wanted.application, display_name="Forged application", service_principal_id=wanted.application
        )
    return Grant(
        tenant=tx.tenant,
        application=application,
        proof=Proof.NONE,
        resource=permissions.find_resource(tx, wanted.resource, own_url),
        permissions=wanted.permissions,
        user=identity.find_user(tx, wanted.user) if wanted.user else None,
        printer_id=wanted.printer,
        issued_at=tx.now,
        valid_seconds=wanted.valid_seconds,
    )
