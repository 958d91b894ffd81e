"""Application registrations and the consent that a tenant gave them."""

from datetime import datetime
from typing import ClassVar

from msgspec import Struct

from upsim.domain.entity import Entity, Index

GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000"
"""Microsoft Graph's application id in every tenant."""
UNIVERSAL_PRINT_APP_ID = "da9b70f6-5323-4ce6-ae5c-88dcc5082966"
"""The Universal Print service principal's application id in every tenant."""
ENABLED_PRINTER_APP_ID = "417ae6eb-aac8-42c8-900c-0e50debba688"
"""The application id that printers use for their device tokens where their maker registered none."""
UNIVERSAL_PRINT_RESOURCE = "https://print.print.microsoft.com"
"""The name under which tokens for the registration and IPP services are asked for."""
UNIVERSAL_PRINT_AUDIENCES = frozenset({UNIVERSAL_PRINT_RESOURCE, UNIVERSAL_PRINT_APP_ID})


class Consent(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Permissions that an application holds on one resource, by name."""

    delegated: tuple[str, ...] = ()
    application: tuple[str, ...] = ()


class Application(Entity, frozen=True, kw_only=True):
    """A client known to the tenant; `id` is its application (client) id."""

    kind: ClassVar[str] = "application"

    display_name: str
    service_principal_id: str
    secret: str | None = None
    """The client secret of a confidential client, stored in clear because it is a test value."""
    secret_expires_at: datetime | None = None
    certificates: tuple[str, ...] = ()
    """Certificates whose keys sign the client's assertions (RFC 7523), each as base64 of its DER."""
    allows_public_flows: bool = False
    """Whether a confidential client may also sign users in without its credential, as on a device."""
    redirect_uris: tuple[str, ...] = ()
    graph: Consent = Consent()
    """Consented permissions on Microsoft Graph."""
    universal_print: Consent = Consent()
    """Consented permissions on the Universal Print service itself."""
    required_graph: Consent = Consent()
    """Permissions on Microsoft Graph that the registration asks for; consent turns them into held ones."""
    required_universal_print: Consent = Consent()
    needs_assignment: bool = False
    """Whether only `assigned_users` may sign in to it."""
    assigned_users: tuple[str, ...] = ()

    @property
    def is_confidential(self) -> bool:
        return self.secret is not None or bool(self.certificates)

    def consent_for(self, resource_app_id: str) -> Consent:
        """Return the permissions that the application holds on the resource with this application id."""
        return {GRAPH_APP_ID: self.graph, UNIVERSAL_PRINT_APP_ID: self.universal_print}.get(
            resource_app_id, Consent()
        )

    def required_on(self, resource_app_id: str) -> Consent:
        """Return the permissions that the registration asks for on the resource with this application id."""
        return {
            GRAPH_APP_ID: self.required_graph,
            UNIVERSAL_PRINT_APP_ID: self.required_universal_print,
        }.get(resource_app_id, Consent())


class UserConsent(Entity, frozen=True, kw_only=True):
    """The permissions that one user gave an application in their name; `id` is `consent_id(application, user)`."""

    kind: ClassVar[str] = "user-consent"

    app_id: str
    user_id: str
    graph: tuple[str, ...] = ()
    universal_print: tuple[str, ...] = ()

    def index(self) -> Index:
        return Index(parent=self.app_id, owner=self.user_id)

    def consent_for(self, resource_app_id: str) -> tuple[str, ...]:
        """Delegated permissions on the resource with this application id."""
        return {GRAPH_APP_ID: self.graph, UNIVERSAL_PRINT_APP_ID: self.universal_print}.get(resource_app_id, ())


def consent_id(app_id: str, user_id: str) -> str:
    """Return the id of a user's consent to an application."""
    return f"{app_id}:{user_id}"
