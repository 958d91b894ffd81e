"""A signed JWT from a client or a printer: the `Statement` that the services ask about."""

import base64
from functools import cached_property
from typing import Any

from upsim.domain.refusals import Refusal, RefusalKind
from upsim.wire.jose import tokens
from upsim.wire.x509 import certificates


class JoseStatement:
    """A JWT read but not believed. A text that is no JWT is refused with `reason`."""

    def __init__(self, token: str, algorithms: tuple[str, ...], reason: str) -> None:
        self._token = token.strip()
        self._algorithms = algorithms
        self._reason = reason
        try:
            self.header, self.claims = tokens.read_unverified(self._token)
        except tokens.MalformedTokenError as error:
            raise self._malformed(error) from error

    @cached_property
    def certificate_der(self) -> bytes | None:
        """The first certificate of `x5c` (RFC 7515 section 4.1.6), which printers send as a string or an array."""
        x5c: Any = self.header.get("x5c")
        leaf = x5c[0] if isinstance(x5c, list) and x5c else x5c
        if not leaf:
            return None
        try:
            return certificates.der_of(str(leaf))
        except certificates.InvalidCertificateError as error:
            raise self._malformed(error) from error

    def is_signed_by(self, certificate_der: bytes) -> bool:
        """Return whether the certificate's key made the signature."""
        from cryptography import x509

        try:
            key = x509.load_der_x509_certificate(certificate_der).public_key()
            tokens.verify(self._token, key, self._algorithms)
        except (tokens.WrongSignatureError, tokens.MalformedTokenError, ValueError):
            return False
        return True

    def is_certificate_issued_by(self, authority_pem: str) -> bool:
        """Return whether the CA signed the certificate that the header carries."""
        if self.certificate_der is None:
            return False
        try:
            presented = certificates.read_certificate(base64.b64encode(self.certificate_der).decode())
        except certificates.InvalidCertificateError:
            return False
        return certificates.is_issued_by(presented, authority_pem)

    def _malformed(self, error: Exception) -> Refusal:
        detail = f"The signed JWT cannot be read: {error}. Send a JWS in compact serialization."
        return Refusal(RefusalKind.INVALID, detail, reason=self._reason)
