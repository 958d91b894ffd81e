"""Certificates of devices: the tenant's CA signs them, an administrator may revoke them."""

import base64

from msgspec.structs import replace

from upsim.domain.events import Event
from upsim.domain.printer import Printer, PrinterCertificate
from upsim.domain.refusals import Refusal, RefusalKind
from upsim.domain.registration import CertificateAuthority
from upsim.services import printers
from upsim.services.ports import Certificates, Transaction

AUTHORITY_ID = "devices"
SERIAL_COUNTER = "certificate"


def issue(tx: Transaction, certificates: Certificates, request_base64: str, device_id: str) -> PrinterCertificate:
    """A certificate for the key of a PKCS#10 request; its subject is the device's id."""
    issued = certificates.issue(
        _authority(tx, certificates),
        certificates.read_request(request_base64),
        common_name=device_id,
        serial=tx.next_number(SERIAL_COUNTER),
        now=tx.now,
        valid_seconds=tx.tenant.settings.registration.certificate_seconds,
    )
    der_base64 = base64.b64encode(issued.der).decode()
    return PrinterCertificate(der_base64=der_base64, sha256=issued.sha256, not_after=issued.not_after)


def revoke(tx: Transaction, printer_id: str) -> Printer:
    """The printer's certificate gets it no more tokens; tokens that it has live until they expire."""
    printer = printers.get(tx, printer_id)
    if printer.certificate is None:
        raise Refusal(RefusalKind.NOT_POSSIBLE, "The printer has no certificate.", reason="no-certificate")
    revoked = replace(printer, certificate=replace(printer.certificate, revoked_at=tx.now))
    tx.put(revoked)
    tx.emit(Event(name="printer.certificate-revoked", subject=printer.id))
    return revoked


def _authority(tx: Transaction, certificates: Certificates) -> tuple[str, str]:
    """The tenant's device CA, made when it first signs."""
    authority = tx.get(CertificateAuthority, AUTHORITY_ID)
    if authority is None:
        secret = tx.new_secret() if tx.tenant.is_repeatable else None
        certificate, key = certificates.new_authority(f"{tx.tenant.domain} devices", tx.now, secret)
        authority = CertificateAuthority(id=AUTHORITY_ID, certificate_pem=certificate, private_key_pem=key)
        tx.put(authority)
    return authority.certificate_pem, authority.private_key_pem
