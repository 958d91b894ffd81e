"""X.509 for the registration service: `services.ports.Certificates` over `upsim.wire.x509`.

The codec's errors become refusals here, so that services and APIs see one vocabulary.
"""

import hashlib
from datetime import datetime

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.services.ports import CertificateRequest, IssuedCertificate
from upsim.wire.x509 import authorities, certificates


class X509Certificates:
    """The `Certificates` port. Holds no state: authorities are rows that the services keep."""

    def read_request(self, base64_der: str) -> CertificateRequest:
        """The request, or `Refusal(INVALID, reason="csr-invalid")` with what is wrong with it."""
        from cryptography.hazmat.primitives.serialization import Encoding

        try:
            return CertificateRequest(certificates.read_request(base64_der).public_bytes(Encoding.DER))
        except certificates.InvalidCertificateError as error:
            raise _invalid(error) from error

    def new_authority(self, common_name: str, now: datetime, secret: str | None = None) -> tuple[str, str]:
        """A new RSA CA as (certificate PEM, private key PEM); the same again for the same secret."""
        if secret is None:
            return authorities.new_authority(common_name, now)
        from upsim.wire import repeatable_rsa

        serial = int.from_bytes(hashlib.blake2b(secret.encode(), digest_size=16).digest()) | 1
        return authorities.new_authority(common_name, now, repeatable_rsa.private_key(secret), serial)

    def issue(
        self,
        authority: tuple[str, str],
        request: CertificateRequest,
        common_name: str,
        serial: int,
        now: datetime,
        valid_seconds: int,
    ) -> IssuedCertificate:
        """A client certificate for the request's key, signed by the authority."""
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding

        try:
            checked = x509.load_der_x509_csr(request.der)
            certificate = authorities.issue(authority, checked, common_name, serial, now, valid_seconds)
        except (certificates.InvalidCertificateError, ValueError) as error:
            raise _invalid(error) from error
        der = certificate.public_bytes(Encoding.DER)
        return IssuedCertificate(der, certificates.sha256_of(der), certificate.not_valid_after_utc)


def _invalid(error: Exception) -> Refusal:
    detail = (
        f"The certificate signing request cannot be used: {error}. "
        "Send the base64 of a PKCS#10 in DER, RSA of at least 2048 bits, signed with its own key."
    )
    return Refusal(RefusalKind.INVALID, detail, reason="csr-invalid")
