"""Which application is asking, and how it proved it (RFC 6749 section 2.3, RFC 7523 section 2.2).

Signatures are the codec's business: an API hands in the assertion as a `Statement`, which answers whether a given
certificate's key signed it. Which certificate counts, and until when, is decided here.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from upsim.domain.application import Application, Consent
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services.identity import SHARED_AUTHORITIES, policy
from upsim.services.ports import Transaction

ASSERTION_SKEW_SECONDS = 300
"""How far a client's clock may be off."""


class Proof(StrEnum):
    """How a client authenticated; the values are those of the claim `appidacr`."""

    NONE = "0"
    SECRET = "1"  # noqa: S105 - a claim's value
    CERTIFICATE = "2"


class Statement(Protocol):
    """A JWT that somebody signed, as received: nothing in it is believed until `is_signed_by` says so."""

    @property
    def header(self) -> dict[str, Any]: ...

    @property
    def claims(self) -> dict[str, Any]: ...

    @property
    def certificate_der(self) -> bytes | None:
        """The certificate that the header carries as `x5c`."""

    def is_signed_by(self, certificate_der: bytes) -> bool: ...

    def is_certificate_issued_by(self, authority_pem: str) -> bool:
        """Whether that CA signed the certificate of `x5c`."""


class Credential(Struct, frozen=True, kw_only=True):
    """What a client presented: its id and a secret, an assertion, or neither."""

    app_id: str
    secret: str | None = None
    assertion: Statement | None = None
    received_at: datetime
    """Real time: clients sign with their own clock, which knows nothing of the tenant's."""


class Client(Struct, frozen=True):
    """An application that is asking for a token, and its proof."""

    application: Application
    proof: Proof


def find_application(tx: Transaction, app_id: str) -> Application:
    """The application with this client id; a lenient tenant makes one where there is none."""
    if not app_id:
        raise parameter_missing("client_id")
    application = tx.get(Application, app_id) or tx.get(Application, app_id.lower())
    if application is None and policy(tx).is_lenient:
        application = _newcomer(tx, app_id)
    if application is None:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            f"Application with identifier '{app_id}' was not found in the directory '{tx.tenant.display_name}'. "
            "Check the client id and the tenant, or add the application to the tenant.",
            reason="application-unknown",
        )
    return application


def authenticate(tx: Transaction, credential: Credential, *, is_public_flow: bool = False) -> Client:
    """The client that the credential proves. `is_public_flow`: a user signs in, so no credential may be needed."""
    application = find_application(tx, credential.app_id)
    if policy(tx).is_lenient:
        return Client(application, _claimed(credential))
    if credential.assertion is not None:
        _check_assertion(tx, application, credential.assertion, credential.received_at)
        return Client(application, Proof.CERTIFICATE)
    if credential.secret is not None:
        _check_secret(tx, application, credential.secret)
        return Client(application, Proof.SECRET)
    if application.is_confidential and not (is_public_flow and application.allows_public_flows):
        raise _credential_missing(application)
    if not is_public_flow:
        raise _credential_missing(application)
    return Client(application, Proof.NONE)


def is_timely(claims: dict[str, Any], received_at: datetime) -> bool:
    """Whether `exp`, `nbf` and `iat`, those that are there, fit real time within the skew.

    They may be floats (RFC 7519 section 2, NumericDate).
    """
    now = received_at.timestamp()
    try:
        expires = float(claims.get("exp", now))
        starts = max(float(claims.get("nbf", 0)), float(claims.get("iat", 0)))
    except (TypeError, ValueError):
        return False
    return starts - ASSERTION_SKEW_SECONDS <= now <= expires + ASSERTION_SKEW_SECONDS


def parameter_missing(name: str) -> Refusal:
    """The refusal of a request without a parameter that it must have."""
    return Refusal(
        RefusalKind.INVALID,
        f"The request body must contain the following parameter: '{name}'.",
        reason="parameter-missing",
        target=name,
    )


def _claimed(credential: Credential) -> Proof:
    if credential.assertion is not None:
        return Proof.CERTIFICATE
    return Proof.NONE if credential.secret is None else Proof.SECRET


def _check_secret(tx: Transaction, application: Application, secret: str) -> None:
    if not application.is_confidential:
        raise _public_with_credential(application)
    if application.secret is None or not hmac.compare_digest(application.secret.encode(), secret.encode()):
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
            f"value, not the client secret ID, for a secret added to app '{application.id}'.",
            reason="secret-wrong",
        )
    if application.secret_expires_at is not None and application.secret_expires_at <= tx.now:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            f"The provided client secret keys for app '{application.id}' are expired. Give the application a "
            "new one.",
            reason="secret-expired",
        )


def _check_assertion(
    tx: Transaction, application: Application, assertion: Statement, received_at: datetime
) -> None:
    if not application.is_confidential:
        raise _public_with_credential(application)
    certificate = _registered_certificate(application, assertion)
    if certificate is None or not assertion.is_signed_by(certificate):
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            "The certificate with identifier used to sign the client assertion is not registered on application "
            f"'{application.id}', or its key did not sign it. Add the certificate to the application.",
            reason="assertion-signature",
        )
    claims = assertion.claims
    if claims.get("iss") != claims.get("sub") or str(claims.get("sub", "")).lower() != application.id.lower():
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            "Client assertion application identifier doesn't match 'client_id' parameter: its iss and sub must "
            f"both be '{application.id}'.",
            reason="assertion-subject",
        )
    _check_audience(tx, claims.get("aud"))
    if "exp" not in claims or not is_timely(claims, received_at):
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            "Client assertion is not within its valid time range. Check 'exp', 'nbf' and 'iat' and the clock "
            "of the client; assertions are judged by real time, not by the tenant's clock.",
            reason="assertion-time",
        )


def _registered_certificate(application: Application, assertion: Statement) -> bytes | None:
    """The application's certificate that the assertion's header means, by `x5c`, `x5t#S256` or `x5t`."""
    registered = [base64.b64decode(text) for text in application.certificates]
    header = assertion.header
    if assertion.certificate_der is not None:
        return assertion.certificate_der if assertion.certificate_der in registered else None
    for der in registered:
        if "x5t#S256" in header and _is_thumbprint(header["x5t#S256"], hashlib.sha256(der).digest()):
            return der
        if "x5t" in header and _is_thumbprint(header["x5t"], hashlib.sha1(der, usedforsecurity=False).digest()):
            return der
    return None


def _is_thumbprint(value: Any, digest: bytes) -> bool:
    """Whether `value` is the digest in base64url; MSAL for Python leaves the padding on."""
    return str(value).rstrip("=") == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _check_audience(tx: Transaction, audience: Any) -> None:
    """The token endpoint or the issuer, of this tenant. Hosts are not compared: clients may be redirected."""
    names = {tx.tenant_id.lower(), *(domain.lower() for domain in tx.tenant.domains), *SHARED_AUTHORITIES}
    audiences = audience if isinstance(audience, list) else [audience]
    for item in audiences:
        first, *rest = _path_segments(str(item)) or [""]
        if first in names and rest in _AUDIENCE_PATHS:
            return
    raise Refusal(
        RefusalKind.UNAUTHENTICATED,
        f"Client assertion audience claim does not match Realm issuer: '{audience}' is not the token endpoint of "
        f"tenant {tx.tenant_id}.",
        reason="assertion-audience",
    )


def _path_segments(url: str) -> list[str]:
    try:
        return [segment for segment in urlsplit(url).path.lower().split("/") if segment]
    except ValueError:
        return []


_AUDIENCE_PATHS: tuple[list[str], ...] = ([], ["v2.0"], ["oauth2", "token"], ["oauth2", "v2.0", "token"])


def _credential_missing(application: Application) -> Refusal:
    return Refusal(
        RefusalKind.UNAUTHENTICATED,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'. "
        f"Application '{application.id}' must prove itself in this flow.",
        reason="credential-missing",
    )


def _public_with_credential(application: Application) -> Refusal:
    return Refusal(
        RefusalKind.UNAUTHENTICATED,
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented by "
        f"'{application.id}'. Leave the credential out, or give the application a secret or a certificate.",
        reason="credential-unexpected",
    )


def _newcomer(tx: Transaction, app_id: str) -> Application:
    """An application that a lenient tenant meets for the first time. It may do whatever there is to do."""
    application = Application(
        id=app_id,
        display_name=f"Application {app_id}",
        service_principal_id=tx.new_id(),
        redirect_uris=(ANY_REDIRECT,),
        graph=Consent(delegated=_GRAPH_DELEGATED, application=_GRAPH_APPLICATION),
        universal_print=Consent(delegated=_PRINT_DELEGATED, application=_PRINT_APPLICATION),
    )
    tx.put(application)
    return application


ANY_REDIRECT = "*"
"""A registered redirect URI that fits every one; only lenient tenants register it."""

_GRAPH_DELEGATED = (
    "User.Read",
    "Printer.Create",
    "Printer.FullControl.All",
    "PrinterShare.ReadWrite.All",
    "PrintConnector.ReadWrite.All",
    "PrintJob.Create",
    "PrintJob.ReadWrite",
    "PrintJob.ReadWrite.All",
    "PrintSettings.ReadWrite.All",
    "PrintTaskDefinition.ReadWrite.All",
    "Reports.Read.All",
)
_GRAPH_APPLICATION = (
    "Printer.ReadWrite.All",
    "PrintJob.Manage.All",
    "PrintJob.ReadWrite.All",
    "PrintSettings.Read.All",
    "PrintTaskDefinition.ReadWrite.All",
    "Reports.Read.All",
)
_PRINT_DELEGATED = (
    "Printers.Create",
    "Printers.FullControl",
    "PrinterProperties.ReadWrite",
    "PrintJob.ReadWrite",
    "PrintBadges.ReadWrite",
    "Connectors.FullControl",
    "PrintSettings.ReadWrite",
)
_PRINT_APPLICATION = (
    "Printers.Read",
    "PrinterProperties.ReadWrite",
    "PrintJob.Read",
    "PrintJob.ReadWriteBasic",
    "PrintBadges.Read",
)
