"""How a printer, or a connector, gets its token: a nonce, then a JWT signed with the key of its certificate.

Follows "Get a device token" of Universal Print's documentation for printer makers: the JWT carries no times, the
nonce stands for them. All that is wrong with the JWT is found before the nonce is used up.
"""

import base64
import hashlib
from datetime import datetime, timedelta

from upsim.domain.application import ENABLED_PRINTER_APP_ID, Application, Consent
from upsim.domain.connector import Connector
from upsim.domain.events import Event
from upsim.domain.printer import Printer
from upsim.domain.query import Query
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.registration import CertificateAuthority
from upsim.domain.sign_in import DeviceNonce
from upsim.services import permissions
from upsim.services.client_authentication import (
    Proof,
    Statement,
    find_application,
    is_timely,
    parameter_missing,
)
from upsim.services.device_certificates import AUTHORITY_ID
from upsim.services.grants import Grant, new_secret_of
from upsim.services.ports import Transaction

ENABLED_PRINTER = Application(
    id=ENABLED_PRINTER_APP_ID,
    display_name="Universal Print Enabled Printer",
    service_principal_id=ENABLED_PRINTER_APP_ID,
    universal_print=Consent(
        application=("Printers.Read", "PrinterProperties.ReadWrite", "PrintJob.Read", "PrintJob.ReadWriteBasic")
    ),
)
"""The first-party application of printers, present in every tenant."""


def new_nonce(tx: Transaction) -> str:
    """A nonce for one JWT, to be used within the settings' `tokens.nonce_seconds`."""
    tx.forget_expired(DeviceNonce)
    expires_at = tx.now + timedelta(seconds=tx.tenant.settings.tokens.nonce_seconds)
    nonce = DeviceNonce(id=new_secret_of(tx), expires_at=expires_at)
    tx.put(nonce)
    return nonce.id


def redeem(tx: Transaction, request: Statement, received_at: datetime, own_url: str) -> Grant:
    """The token that a device's signed request earns. `received_at` is real time."""
    claims = request.claims
    for name in ("request_nonce", "iss", "client_id", "resource"):
        if not isinstance(claims.get(name), str) or not claims[name]:
            raise parameter_missing(f"request.{name}")
    if claims.get("grant_type") != "device_token":
        raise Refusal(
            RefusalKind.INVALID,
            f"The claim grant_type of the request is '{claims.get('grant_type')}'; it must be 'device_token'.",
            reason="device-grant-type",
        )
    device_id = _proved_device(tx, request, claims["iss"])
    if not is_timely(claims, received_at):
        raise _not_proved(
            "its 'exp', 'nbf' or 'iat' does not fit real time; leave them out or set the printer's clock"
        )
    application = _application(tx, claims["client_id"])
    resource = permissions.find_resource(tx, claims["resource"], own_url)
    if resource != permissions.UNIVERSAL_PRINT:
        raise Refusal(
            RefusalKind.FORBIDDEN,
            f"A device-only token is not allowed by {resource.display_name}. "
            f"Ask for {permissions.UNIVERSAL_PRINT.audience}, the mcp_svc_resource_id of the registration.",
            reason="resource-not-for-devices",
        )
    _use_up(tx, claims["request_nonce"])
    tx.emit(Event(name="token.issued", subject=device_id, facts={"application": application.id}))
    return Grant(
        tenant=tx.tenant,
        application=application,
        proof=Proof.CERTIFICATE,
        resource=resource,
        permissions=application.consent_for(resource.app_id).application,
        printer_id=device_id,
        issued_at=tx.now,
        valid_seconds=tx.tenant.settings.tokens.device_seconds,
    )


def _proved_device(tx: Transaction, request: Statement, device_id: str) -> str:
    """The id of the printer or connector that `iss` names, proved by its own certificate."""
    device = _device(tx, device_id)
    if device is None or device.certificate is None:
        raise Refusal(
            RefusalKind.NOT_FOUND,
            f"Device object was not found in the tenant '{tx.tenant.display_name}' directory: '{device_id}' is "
            "neither a registered printer nor a connector. Register it again.",
            reason="device-unknown",
        )
    held = device.certificate
    if request.certificate_der is None:
        raise _not_proved("its header carries no x5c; put the registered certificate there as base64 of the DER")
    if request.certificate_der != base64.b64decode(held.der_base64):
        raise _wrong_certificate(tx, request, request.certificate_der, device_id)
    if not request.is_signed_by(request.certificate_der):
        raise _not_proved("its signature was not made with the certificate's key by RS256", "device-key-wrong")
    if held.revoked_at is not None:
        raise _not_proved(
            "the device's certificate was revoked; renew it with a new key, or register again",
            "device-certificate-revoked",
        )
    if held.not_after <= tx.now:
        raise _not_proved("the device's certificate has expired; renew it", "device-certificate-expired")
    return device.id


def _device(tx: Transaction, device_id: str) -> Printer | Connector | None:
    name = device_id.lower()
    return tx.get(Printer, device_id) or tx.get(Printer, name) or tx.get(Connector, name)


def _wrong_certificate(tx: Transaction, request: Statement, der: bytes, device_id: str) -> Refusal:
    """Why a certificate that is not the device's own is none at all, another's, or an old one."""
    thumbprint = hashlib.sha256(der).hexdigest()

    def wears(other: Printer | Connector) -> bool:
        return other.certificate is not None and other.certificate.sha256 == thumbprint

    printers: Query[Printer] = Query(entity=Printer, accepts=wears, limit=1)
    connectors: Query[Connector] = Query(entity=Connector, accepts=wears, limit=1)
    is_known = bool(tx.find(printers)) or bool(tx.find(connectors))
    if is_known:
        why = f"its certificate is not the one that '{device_id}' was registered with, but another device's"
        return _not_proved(why, "device-certificate-foreign")
    authority = tx.get(CertificateAuthority, AUTHORITY_ID)
    if authority is None or not request.is_certificate_issued_by(authority.certificate_pem):
        why = "its certificate was not issued by the tenant's device CA; use the one that registration gave"
        return _not_proved(why, "device-chain-wrong")
    why = f"its certificate is not the one that '{device_id}' has now; it was replaced by a newer one"
    return _not_proved(why, "device-certificate-replaced")


def _application(tx: Transaction, app_id: str) -> Application:
    if app_id.lower() == ENABLED_PRINTER_APP_ID and tx.get(Application, ENABLED_PRINTER_APP_ID) is None:
        return ENABLED_PRINTER
    return find_application(tx, app_id)


def _use_up(tx: Transaction, value: str) -> None:
    nonce = tx.get(DeviceNonce, value)
    if nonce is None or nonce.expires_at <= tx.now:
        raise Refusal(
            RefusalKind.UNAUTHENTICATED,
            "The request_nonce is unknown, expired or used already. Get a new one with "
            "grant_type=srv_challenge and use it once.",
            reason="nonce-invalid",
        )
    tx.delete(nonce)


def _not_proved(why: str, reason: str = "device-not-proved") -> Refusal:
    return Refusal(RefusalKind.UNAUTHENTICATED, f"Authentication of the device failed: {why}.", reason=reason)
